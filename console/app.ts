import { pathOf } from '../lambda/domain/routes.ts';
import { openApi, type Picture, Refused, relative } from './api.ts';
import { type Card, makeCard } from './card.ts';
import { carry, follow, type Shown } from './follow.ts';
import { openFollower } from './poll.ts';
import { showUsage } from './usage.ts';
import { patiently } from './wait.ts';

const seek = <E extends HTMLElement>(selector: string) => document.querySelector(selector) as E;
const drop = seek('#drop');
const list = seek('#images');
const announce = (text: string) => {
  seek('#announcer').textContent = text;
};
const keyStore = 'sluice.key';

type Session = Pick<Shown, 'api' | 'follower'>;

/** Concurrent uploads: enough to use the bandwidth, few enough that each makes progress. */
const lanes = 4;
const waiting: (() => Promise<unknown>)[] = [];
let busy = 0;

function run(): void {
  while (busy < lanes) {
    const next = waiting.shift();
    if (next === undefined) return;
    busy += 1;
    void next().finally(() => {
      busy -= 1;
      run();
    });
  }
}

function place({ api }: Session, card: Card, first: boolean): () => boolean {
  let removed = false;
  card.onRemove(async () => {
    removed = true;
    const { id } = card.element.dataset;
    try {
      if (id !== undefined) await api.remove(id);
      card.element.remove();
      announce(`${card.name} deleted`);
    } catch (error) {
      removed = false;
      card.error(error instanceof Error ? error.message : String(error));
    }
  });
  if (first) list.prepend(card.element);
  else list.append(card.element);
  seek('#empty').hidden = true;
  return () => removed;
}

function take(session: Session, files: Iterable<File>): void {
  for (const file of files) {
    const card = makeCard(file.name);
    card.say('waiting', 'Waiting for earlier uploads');
    const stopped = place(session, card, true);
    waiting.push(async () => {
      if (stopped()) return;
      const picture = await carry({ ...session, card, stopped }, file);
      announce(`${file.name}: ${picture?.status ?? 'not accepted'}`);
    });
  }
  run();
}

async function showEarlier(session: Session, cursor?: string): Promise<void> {
  const busy = seek('#busy');
  const say = (text: string) => {
    busy.hidden = text === '';
    busy.textContent = text;
  };
  const waiting = { say, stopped: () => false };
  const { images, nextCursor } = await patiently(() => session.api.list(cursor), waiting);
  for (const picture of images) showOne(session, picture);
  const more = seek<HTMLButtonElement>('#more');
  more.hidden = !nextCursor;
  more.onclick = () => void showEarlier(session, nextCursor ?? undefined);
}

function showOne(session: Session, picture: Picture): void {
  const card = makeCard(picture.metadata?.name ?? picture.id);
  card.element.dataset.id = picture.id;
  const stopped = place(session, card, false);
  card.show(picture);
  void follow({ ...session, card, stopped }, picture.id).catch((error: unknown) => card.error(String(error)));
}

async function enter(key: string): Promise<void> {
  const api = openApi(key);
  const session = { api, follower: openFollower(api.look) };
  await showEarlier(session);
  sessionStorage.setItem(keyStore, key);
  seek('#key-form').hidden = true;
  showUsage(api, seek('#usage'));
  drop.hidden = false;
  const input = seek<HTMLInputElement>('#files');
  input.addEventListener('change', () => {
    take(session, [...(input.files ?? [])]);
    input.value = '';
  });
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) drop.classList.remove('over');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    take(session, [...(event.dataTransfer?.files ?? [])]);
  });
}

function askForKey(reason = ''): void {
  const form = seek<HTMLFormElement>('#key-form');
  form.hidden = false;
  seek('#key-error').textContent = reason;
  form.onsubmit = (event) => {
    event.preventDefault();
    enter(seek<HTMLInputElement>('#key').value.trim()).catch(explain);
  };
}

function explain(error: unknown): void {
  sessionStorage.removeItem(keyStore);
  if (error instanceof Refused && error.status === 401) askForKey('This key is unknown or revoked.');
  else askForKey(error instanceof Error ? error.message : String(error));
}

/** The local runner supplies its key; in a deployment the user enters one. */
async function knownKey(): Promise<string | null> {
  const stored = sessionStorage.getItem(keyStore);
  const local = await fetch(relative(pathOf('pageFile', { proxy: 'local.json' }))).catch(() => undefined);
  if (local?.ok) return ((await local.json()) as { apiKey: string }).apiKey;
  return stored;
}

const key = await knownKey();
if (key === null) askForKey();
else await enter(key).catch(explain);
