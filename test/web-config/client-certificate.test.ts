import assert from 'node:assert/strict';
import { it } from 'node:test';
import { subjectAltNames } from '../../src/web-config/client-certificate.ts';

it('the names of a certificate are its DNS names, addresses, e-mail addresses and URIs', () => {
  const text =
    'DNS:a.example.org, IP Address:127.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1, email:a@b.c, URI:spiffe://x/y, DirName:CN=z';
  assert.deepEqual(subjectAltNames(text), ['a.example.org', '127.0.0.1', '2001:db8::1', 'a@b.c', 'spiffe://x/y']);
});

it('a name that imitates the text of others is one name', () => {
  assert.deepEqual(subjectAltNames('URI:"http://a/, DNS:admin.example.org"'), ['http://a/, DNS:admin.example.org']);
  assert.deepEqual(subjectAltNames('DNS:"a\\u002c DNS:b", DNS:c'), ['a, DNS:b', 'c']);
  assert.deepEqual(subjectAltNames(''), []);
});
