/** The pages for people under /_cloud/: what to do, the clock, where every referral is, and the inbox. */
import type { ExamplePerson } from './example-people.ts';
import type { Execution } from './executions.ts';
import { Html, html } from './html.ts';
import type { Letter } from './inbox.ts';

const STYLE = new Html(`
:root { color-scheme: light; --ink: #212b32; --quiet: #4c6272; --line: #d8dde0; --blue: #005eb8; --page: #f0f4f5; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 1.0625rem/1.5 system-ui, -apple-system, "Segoe UI", Arial, sans-serif; }
header { background: #1d3c5e; color: #fff; }
header div, main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
header div { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; }
header strong { margin-right: auto; }
header a { color: #fff; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 0 0 .5rem; }
a { color: var(--blue); }
a:focus-visible, button:focus-visible, .picture:focus-visible { outline: 3px solid #ffb81c; outline-offset: 2px; }
section { background: #fff; border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 0 0 1rem; }
ol { margin: 0; padding-left: 1.4rem; }
li + li { margin-top: .25rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem; margin: .75rem 0 0; }
button { font: inherit; font-weight: 600; padding: .5rem .9rem; border: 0; border-bottom: 3px solid #003d78; border-radius: .3rem; background: var(--blue); color: #fff; cursor: pointer; }
button:hover { background: #004b93; }
.people { list-style: none; margin: 0; padding: 0; } .people button { min-width: 11rem; margin-right: .5rem; text-align: left; }
.now { font-size: 1.35rem; font-weight: 700; margin: 0; }
.quiet { color: var(--quiet); margin: 0; }
.picture { overflow-x: auto; text-align: center; }
.picture svg { width: 100%; max-width: 52rem; min-width: 36rem; height: auto; }
table { border-collapse: collapse; width: 100%; }
td:first-child { overflow-wrap: anywhere; }
th, td { text-align: left; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.mails { list-style: none; padding: 0; }
.mails li { border-bottom: 1px solid var(--line); padding: .6rem 0; margin: 0; overflow-wrap: anywhere; }
.mails a { font-weight: 600; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .2rem 1rem; margin: 0; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
iframe { width: 100%; height: 34rem; border: 1px solid var(--line); border-radius: .3rem; background: #fff; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0 0; font: .95rem/1.5 ui-monospace, Consolas, monospace; }
@media (min-width: 60rem) { .columns { display: grid; grid-template-columns: minmax(0, 8fr) minmax(0, 5fr); gap: 1rem; align-items: start; } }
`);

/** Fetches the page again every two seconds, while it is looked at, and takes over what changed. Without scripts it reloads itself. */
const LIVE_SCRIPT = new Html(`
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch('/_cloud/').catch(() => undefined);
  if (!answer || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const old of document.querySelectorAll('[data-live]')) {
    const now = fresh.getElementById(old.id);
    if (now && now.innerHTML !== old.innerHTML) old.innerHTML = now.innerHTML;
  }
}, 2000);`);

export interface CloudState {
  readonly now: Date;
  readonly mails: number;
  readonly executions: readonly Execution[];
  readonly pictures: readonly string[];
}

/** The front page. `nonce` lets its script run under the page's own security policy. */
export function frontPage({ now, mails, executions, pictures }: CloudState, nonce: string): string {
  const newest = executions.toReversed().slice(0, 50);
  return page(
    'Embedded cloud',
    html`<h1>Your cloud on this laptop</h1>
    <section aria-labelledby="todo"><h2 id="todo">What to do</h2>
      <ol>
        <li><a href="/refer">Refer a person</a> to social prescribing.</li>
        <li>Open the <a href="/_cloud/inbox">inbox</a>. Everyone's email arrives there: read the link worker's, follow its link and decide.</li>
        <li>Then the provider's email: accept the referral and choose the first session.</li>
        <li>Move the clock on, a week at a time, and record each session from the facilitator's email. Twelve sessions later the letters arrive.</li>
      </ol>
    </section>
    <section aria-labelledby="clock"><h2 id="clock">Clock</h2>
      <p class="now" id="now" data-live><time datetime="${now.toISOString()}">${dateInWords(now)}</time></p>
      <p class="quiet">Moving it does everything that falls due on the way: reminders, time limits, sessions.</p>
      <form method="post" action="/_cloud/clock">
        <button name="hours" value="1">On by 1 hour</button>
        <button name="hours" value="24">On by 1 day</button>
        <button name="hours" value="168">On by 1 week</button>
      </form>
    </section>
    <div class="columns">
      <section aria-labelledby="where"><h2 id="where">Where every referral is</h2>
        <div class="picture" id="picture" data-live tabindex="0" role="region" aria-labelledby="where">${pictures.map((svg) => new Html(svg))}</div>
      </section>
      <section aria-labelledby="list"><h2 id="list">Executions</h2>
        <div id="executions" data-live>
          <p class="quiet">${executions.length} executions · <a href="/_cloud/inbox">${mails} emails</a></p>
          <table><thead><tr><th scope="col">Execution</th><th scope="col">Status</th><th scope="col">State</th></tr></thead>
          <tbody>${newest.map(
            ({ name, status, state }) =>
              html`<tr><td><a href="/_cloud/executions/${encodeURIComponent(name)}/history.json">${name}</a></td><td>${status.toLowerCase()}</td><td>${state ?? '—'}</td></tr>`,
          )}</tbody></table>
        </div>
      </section>
    </div>
    <script nonce="${nonce}">${LIVE_SCRIPT}</script>`,
    new Html('<noscript><meta http-equiv="refresh" content="5"></noscript>'),
  );
}

/** The list of letters, the newest first. */
export function inboxPage(letters: readonly Letter[]): string {
  const list = letters.toReversed().map(
    ({ id, at, to, subject }) => html`<li><a href="/_cloud/inbox/${encodeURIComponent(id)}">${subject}</a><br>
      <span class="quiet">to ${to.join(', ')} · ${dateInWords(new Date(at))}</span></li>`,
  );
  return page(
    'Inbox',
    html`<h1>Inbox</h1>
      <section><p class="quiet">Every email that the service sent, to whomever. Nothing left this machine.</p>
        ${list.length > 0 ? html`<ul class="mails">${list}</ul>` : html`<p>No email yet. <a href="/refer">Refer a person</a> first.</p>`}
      </section>`,
  );
}

/** One letter, as its reader sees it and as text. */
export function letterPage({ at, from, to, subject, text, html: content }: Letter): string {
  return page(
    subject,
    html`<h1>${subject}</h1>
      <section><dl><dt>From</dt><dd>${from}</dd><dt>To</dt><dd>${to.join(', ')}</dd><dt>Sent</dt><dd>${dateInWords(new Date(at))}</dd></dl></section>
      ${content === '' ? '' : html`<section><h2>As HTML</h2><iframe title="The email as HTML" sandbox="allow-top-navigation-by-user-activation" srcdoc="${`<base target="_top">${content}`}"></iframe></section>`}
      <section><h2>As text</h2><pre>${withLinks(text)}</pre></section>
      <p><a href="/_cloud/inbox">Back to the inbox</a></p>`,
  );
}

/** Whoever tries the service chooses who to be, by one click. */
export function signInPage(people: readonly ExamplePerson[]): string {
  return page(
    'Sign in as an example',
    html`<h1>Sign in as an example</h1>
      <section><p class="quiet">These people are made up, for trying the service on a laptop. In AWS everyone signs in with an account of their own, a password and a second factor.</p>
        <form method="post"><ul class="people">${people.map(
          ({ id, name, groups }) =>
            html`<li><button type="submit" name="person" value="${id}">${name}</button> ${groups.map((group) => group.replace(':', ' ').replaceAll('-', ' ')).join(', ')}</li>`,
        )}</ul></form>
      </section>`,
  );
}

/** Signing in did not work, and why. */
export function identityErrorPage(why: string): string {
  return page(
    'You cannot sign in like this',
    html`<h1>You cannot sign in like this</h1><section><p>${why}</p><p><a href="/sign-in">Begin again</a></p></section>`,
  );
}

/** A page for an address that is not there. */
export function missingPage(): string {
  return page(
    'Not found',
    html`<h1>Not found</h1><section><p>There is no such page. <a href="/_cloud/">Start here</a>.</p></section>`,
  );
}

function page(title: string, main: Html, head: Html = html``): string {
  return html`<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – embedded cloud</title>${head}<style>${STYLE}</style></head>
<body><header><div><strong>Embedded cloud</strong><a href="/_cloud/">Clock and picture</a><a href="/_cloud/inbox">Inbox</a><a href="/_cloud/logs.txt">Logs</a><a href="/_cloud/table.json">Table</a><a href="/">The service</a></div></header>
<main>${main}</main></body></html>`.text;
}

function withLinks(text: string): Html[] {
  return text
    .split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/)
    .map((part, i) => (i % 2 === 1 ? html`<a href="${part}">${part}</a>` : html`${part}`));
}

function dateInWords(date: Date): string {
  return new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: 'Europe/London',
  }).format(date);
}
