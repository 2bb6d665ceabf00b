/**
 * Loads what makes certificates. Its library wants to find a polyfill when it starts, and both are CommonJS modules, which Bun
 * runs when they are read and not in the order of the imports: so one after the other.
 */
export async function loadCertificateMaker() {
  await import('./metadata.ts');
  return await import('./make-certificate.ts');
}
