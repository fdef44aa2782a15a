// Builds the dashboard: "bundle DIRECTORY" writes index.html and assets whose names tell their content, "test" the unit tests.
import * as esbuild from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

const shared = { bundle: true, jsx: 'automatic', jsxImportSource: 'preact', charset: 'utf8', logLevel: 'warning' };

/**
 * xterm.js makes style elements, and writes colours of 24 bits into style attributes; the dashboard's policy forbids both. The
 * same through constructed style sheets and the style object is allowed. The build fails when a new version is written otherwise.
 */
const xtermWithoutInlineStyle = {
  name: 'xterm-without-inline-style',
  setup(build) {
    build.onLoad({ filter: /@xterm\/xterm\/lib\/xterm\.mjs$/ }, ({ path }) => {
      let contents = readFileSync(path, 'utf8');
      const replace = (expected, pattern, replacement) => {
        const count = [...contents.matchAll(pattern)].length;
        if (count !== expected) {
          throw new Error(`xterm.js has ${pattern} in ${count} places: expected ${expected}`);
        }
        contents = contents.replace(pattern, replacement);
      };
      replace(3, /[\w.]+\.createElement\("style"\)/g, 'berthStyleElement()');
      replace(1, /(\w+)\.setAttribute\("style",`\$\{\1\.getAttribute\("style"\)\|\|""\}\$\{(\w+)\};`\)/g, '$1.style.cssText+=$2+";"');
      const from = JSON.stringify(resolve('src/lib/stylesheet.ts'));
      return { contents: `import { styleElement as berthStyleElement } from ${from};\n${contents}`, loader: 'js' };
    });
  },
};

async function bundle(directory) {
  rmSync(directory, { recursive: true, force: true });
  const assets = join(directory, 'assets');
  mkdirSync(assets, { recursive: true });
  const { metafile } = await esbuild.build({
    ...shared,
    entryPoints: { app: 'src/main.tsx', theme: 'src/theme-early.ts' },
    outdir: assets,
    entryNames: '[name]-[hash]',
    chunkNames: 'part-[hash]',
    format: 'esm',
    splitting: true,
    minify: true,
    target: ['es2022'],
    metafile: true,
    plugins: [xtermWithoutInlineStyle],
  });
  const names = Object.keys(metafile.outputs).map((path) => basename(path));
  const one = (pattern) => {
    const found = names.filter((name) => pattern.test(name));
    if (found.length !== 1) {
      throw new Error(`expected one file like ${pattern}, found ${found}`);
    }
    return found[0];
  };
  const icon = readFileSync('src/icon.svg');
  const iconName = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8).toUpperCase()}.svg`;
  writeFileSync(join(assets, iconName), icon);
  const index = readFileSync('src/index.html', 'utf8')
    .replace('{{theme}}', one(/^theme-\w+\.js$/))
    .replace('{{script}}', one(/^app-\w+\.js$/))
    .replace('{{style}}', one(/^app-\w+\.css$/))
    .replace('{{icon}}', iconName);
  writeFileSync(join(directory, 'index.html'), index);
  for (const name of readdirSync(assets)) {
    writeFileSync(join(assets, `${name}.gz`), gzipSync(readFileSync(join(assets, name)), { level: 9 }));
  }
}

async function tests() {
  const directory = 'built/test';
  rmSync(directory, { recursive: true, force: true });
  await esbuild.build({
    ...shared,
    entryPoints: readdirSync('test').filter((name) => name.endsWith('.test.ts')).map((name) => join('test', name)),
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    platform: 'node',
    external: ['node:*'],
  });
}

const [command, directory] = process.argv.slice(2);
if (command === 'bundle' && directory) {
  await bundle(directory);
} else if (command === 'test') {
  await tests();
} else {
  throw new Error('usage: node build.mjs bundle DIRECTORY | test');
}
