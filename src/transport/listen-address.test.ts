import { expect, test } from 'bun:test';
import { parseListenAddress } from './listen-address.ts';

test.each([
  ['127.0.0.1:7443', { host: '127.0.0.1', port: 7443 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  ['[::1]:65535', { host: '::1', port: 65_535 }],
])('%s is a host and a port', (text, address) => {
  expect(parseListenAddress(text)).toEqual(address);
});

test.each([
  '',
  '7443',
  ':7443',
  'localhost',
  'localhost:',
  '::1:80',
  '[::1]',
  '[localhost]:80',
  'a b:1',
  'localhost:65536',
])('"%s" is no address', (text) => {
  expect(parseListenAddress(text)).toBeUndefined();
});
