import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openApi } from '../../../console/api.ts';
import { methodsAt, pathOf, resourcePaths } from '../../../lambda/domain/routes.ts';
import { matchResource } from '../../../local/gateway/match.ts';

const root = join(import.meta.dirname, '../../..');
const below = (folder: string, name: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => name.test(file))
    .map((file) => join(folder, file));
const files = [
  ...['README.md', 'PACKAGE.md', 'CONTRIBUTING.md'],
  ...below('docs', /\.md$/),
  ...['bin', 'scripts', 'lambda', 'lib', 'local'].flatMap((folder) => below(folder, /\.ts$/)),
];

/** Calls mentioned in a text: `METHOD /path`, and curl commands, including continued lines. */
function callsIn(text: string): [method: string, path: string][] {
  const named = [
    ...text.matchAll(/\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/[\w{}/+…-]*(?:\.csv)?)/g),
  ].map(([, method = '', path = '']): [string, string] => [method, path]);
  const commands = [...text.matchAll(/\bcurl (?:.*\\\n)*.*/g)].map(([line]): [string, string] => {
    const method = /-X (\w+)/.exec(line)?.[1] ?? (/ (?:-d|--data\S*) /.test(line) ? 'POST' : 'GET');
    const path = /(?:\$URL|\$\{URL\}|\$\{url\}|https?:\/\/[\w.:]+)(?:\/|(?<=\}))([^\s"?`\\]*)/.exec(
      line,
    )?.[1];
    return [method, `/${path ?? ' without a known host'}`];
  });
  return [...named, ...commands];
}

/** Placeholders in a text: `{id}`, `<id>`, `$ID`. */
const withValues = (path: string) => path.replaceAll(/\{\w+\+?\}|<\w+>|\$\w+|…/g, 'value');

describe('paths of the API in texts and commands', () => {
  const calls = files.flatMap((file) =>
    callsIn(readFileSync(join(root, file), 'utf8')).map(([method, path]) => ({ file, method, path })),
  );

  it('paths are found in README.md, PACKAGE.md, docs/api.md and the commands that bin prints', () => {
    expect(calls.length).toBeGreaterThan(30);
    for (const file of ['README.md', 'PACKAGE.md', 'docs/api.md', 'bin/start.ts', 'bin/deploy-localstack.ts'])
      expect(calls).toContainEqual({ file, method: 'POST', path: '/v1/images' });
    expect(calls).toContainEqual({ file: 'README.md', method: 'GET', path: '/v1/images/$ID' });
  });

  it('every path in a text or a command is in the table of routes, with its method', () => {
    const unknown = calls.filter(({ method, path }) => {
      const resource = matchResource(resourcePaths, withValues(path))?.resource ?? '';
      return !methodsAt(resource).includes(method);
    });
    expect(unknown).toEqual([]);
  });

  it('the page requests the paths of the table, relative to its own, because a deployment has a stage before them', async () => {
    const requested: string[] = [];
    vi.stubGlobal('fetch', async (path: string, { method }: RequestInit) => {
      requested.push(`${method} ${path.replace(/\?.*/, '')}`);
      return Response.json({});
    });
    onTestFinished(() => void vi.unstubAllGlobals());
    const page = openApi('sluice_key');
    await page.list();
    await page.ticket(new File([], 'a.jpg'), 'key');
    await page.look(['a/b']);
    await page.look(['a', 'b']);
    await page.remove('id');
    const expected = [
      'GET v1/images',
      'POST v1/images',
      'GET v1/images/a%2Fb',
      'GET v1/images',
      'DELETE v1/images/id',
    ];
    expect(requested).toEqual(expected);
  });

  it('every file that console/index.html loads has a path of the route pageFile', () => {
    const html = readFileSync(join(root, 'console/index.html'), 'utf8');
    const loaded = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(loaded.length).toBeGreaterThan(2);
    for (const path of loaded)
      expect(`/${path}`).toBe(pathOf('pageFile', { proxy: path.split('/').at(-1) ?? '' }));
  });
});
