/** Where the bundle of a compiled executable is mounted: on POSIX systems, and on Windows. */
const bundleMounts = ['/$bunfs/', 'B:/~BUN/', 'B:\\~BUN\\'];

/** Path of the worker's entry point below the root that the build names (`--root .`). */
const workerInBundle = './src/adapters/planner-worker/worker.ts';

/**
 * URL of the worker's module: beside this file when run from source. In a compiled executable modules keep their
 * path below the build's root, but `import.meta.url` is the build machine's when compiled to bytecode, so the place
 * is found from the main module, which lies at the bundle's root.
 *
 * @param mainPath `Bun.main`
 */
export function plannerWorkerUrl(mainPath: string): string {
  const isCompiled = bundleMounts.some((mount) => mainPath.startsWith(mount));
  if (!isCompiled) return new URL('./worker.ts', import.meta.url).href;
  return new URL(workerInBundle, Bun.pathToFileURL(mainPath)).href;
}
