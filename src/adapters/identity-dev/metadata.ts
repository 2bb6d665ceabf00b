// The polyfill that @peculiar/x509 wants to find when it starts.
import 'reflect-metadata';
