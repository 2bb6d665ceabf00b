// The polyfill that @peculiar/x509 wants to find when it starts. A file of its own, because Bun's bundler runs what is a CommonJS
// module, as the polyfill is, after all other imports of the same file.
import 'reflect-metadata';
