// The app's plain modules for tests without a browser, built in memory.
import { build } from 'vite';

export async function load(path) {
  const [bundle] = [await build({
    configFile: false, logLevel: 'error', root: new URL('..', import.meta.url).pathname,
    build: { write: false, minify: false, target: 'es2022', lib: { entry: new URL(`../src/${path}`, import.meta.url).pathname, formats: ['es'], fileName: 'module' } },
  })].flat();
  const chunk = bundle.output.find((part) => part.type === 'chunk');
  return import(`data:text/javascript;base64,${Buffer.from(chunk.code).toString('base64')}`);
}
