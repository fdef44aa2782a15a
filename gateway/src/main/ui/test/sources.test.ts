import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => /\.(tsx?|html|css)$/.test(name));

test('no source makes markup or code of text, or loads anything from elsewhere', () => {
  assert.ok(files.length > 30);
  for (const name of files) {
    const text = readFileSync(join('src', name), 'utf8');
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function|srcdoc|javascript:/, name);
    assert.doesNotMatch(text.replaceAll('http://www.w3.org/', ''), /https?:\/\//, name);
    if (name.endsWith('.html')) assert.doesNotMatch(text, /<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/, name);
  }
});
