/** The mark of the console: two things, linked. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f5f8b"/><g fill="none" stroke="#fff" stroke-width="3"><circle cx="11" cy="16" r="5"/><circle cx="21" cy="16" r="5"/></g></svg>`;

/** Light or dark as the reader has it, and as narrow as a phone. */
export const STYLE = `:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --card: #ffffff; --line: #d9dee5; --text: #18212c; --faint: #5a6675;
  --link: #175a8c; --main: #175a8c; --on-main: #ffffff;
  --good: #1d7a46; --warn: #9a5b00; --bad: #b3261e; --busy: #175a8c;
  --good-ground: #e6f4ec; --warn-ground: #fdf1dc; --bad-ground: #fce9e7; --plain-ground: #e7eff6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #11161d; --card: #1a212b; --line: #303a47; --text: #e7ebf0; --faint: #9aa7b6;
    --link: #7fbcea; --main: #2f7fb8; --on-main: #ffffff;
    --good: #6fcf97; --warn: #f0b35a; --bad: #ff8a80; --busy: #7fbcea;
    --good-ground: #16301f; --warn-ground: #35280f; --bad-ground: #3b1a18; --plain-ground: #1a2c3b;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 2px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 20px; padding: 10px 24px; background: var(--card); border-bottom: 1px solid var(--line); }
.brand { font-weight: 700; letter-spacing: -0.01em; color: inherit; text-decoration: none; }
header nav { display: flex; flex-wrap: wrap; gap: 2px; flex: 1; }
header nav a { padding: 6px 10px; border-radius: 6px; color: var(--faint); text-decoration: none; white-space: nowrap; }
header nav a:hover { color: var(--text); background: var(--ground); }
header nav a[aria-current] { color: var(--text); background: var(--plain-ground); font-weight: 600; }
main { max-width: 1200px; margin: 0 auto; padding: 20px 24px 64px; }
main.bare { max-width: 420px; padding-top: 12vh; }
h1 { margin: 4px 0 16px; font-size: 24px; line-height: 1.25; letter-spacing: -0.01em; overflow-wrap: anywhere; }
.as-of { margin: -12px 0 16px; font-size: 13px; font-variant-numeric: tabular-nums; }
.stale main::before { content: 'The daemon does not answer: this page is as it was at the time below.'; display: block; margin-bottom: 12px; padding: 10px 14px; border-radius: 8px; border-inline-start: 4px solid var(--bad); background: var(--bad-ground); }
h2 { margin: 28px 0 10px; font-size: 17px; }
h3 { margin: 14px 0 4px; font-size: 13px; color: var(--faint); font-weight: 600; }
p { margin: 8px 0; max-width: 75ch; }
bdi, dd, li, code { overflow-wrap: anywhere; }
.faint { color: var(--faint); }
time .faint { white-space: nowrap; font-size: 13px; }
.mono, code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 13px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 350px), 1fr)); gap: 16px; margin: 0 0 16px; }
.cards.four { grid-template-columns: repeat(auto-fill, minmax(min(100%, 268px), 1fr)); }
.card { display: flex; flex-direction: column; padding: 16px 18px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; min-width: 0; }
.card h2 { display: flex; align-items: center; justify-content: space-between; gap: 8px; margin: 0 0 10px; }
.card form { margin-top: auto; padding-top: 10px; }
.card.danger { border-color: var(--bad); margin: 16px 0; max-width: 75ch; }
dl { margin: 0; }
dl div { display: flex; gap: 12px; padding: 5px 0; border-top: 1px solid var(--line); }
dl div:first-child { border-top: 0; }
dt { flex: 0 0 96px; font-size: 14px; color: var(--faint); }
dd { flex: 1; margin: 0; min-width: 0; }
.numbers dt { flex: 1; } .numbers dd { flex: none; font-variant-numeric: tabular-nums; }
.counts { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; }
.counts div { flex-direction: column-reverse; gap: 0; padding: 6px 0; border: 0; }
.counts dt { flex: none; font-size: 13px; }
.counts dd { flex: none; font-size: 22px; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }
.counts .zero dd { color: var(--faint); font-weight: 400; }
.counts .failed dd { color: var(--bad); }
.counts .skipped dd { color: var(--warn); }
.state, .action { display: inline-block; padding: 1px 9px; border-radius: 99px; font-size: 13px; font-weight: 600; white-space: nowrap; color: var(--faint); background: var(--ground); }
.state.succeeded, .action.create, .action.reactivate { color: var(--good); background: var(--good-ground); }
.state.partial, .action.move, .state.refused { color: var(--warn); background: var(--warn-ground); }
.state.failed, .action.deactivate { color: var(--bad); background: var(--bad-ground); }
.state.running, .state.queued, .action.update { color: var(--busy); background: var(--plain-ground); }
h2 a { text-decoration: none; }
.chart { display: block; width: 100%; height: 44px; margin-bottom: 8px; }
.chart line { stroke: var(--line); }
.chart rect { fill: var(--faint); }
.chart .succeeded { fill: var(--good); } .chart .partial, .chart .refused { fill: var(--warn); }
.chart .failed { fill: var(--bad); } .chart .running { fill: var(--busy); }
.runs { margin: 0 0 8px; } .runs .chart { margin: 0 0 4px; }
.runs figcaption { display: flex; flex-wrap: wrap; gap: 0 10px; font-size: 12px; }
.key::before { content: ''; display: inline-block; width: 8px; height: 8px; margin-inline-end: 4px; border-radius: 2px; background: var(--faint); }
.key.succeeded::before { background: var(--good); } .key.partial::before, .key.refused::before { background: var(--warn); }
.key.failed::before { background: var(--bad); } .key.running::before { background: var(--busy); }
.hours { margin: 0 0 8px; } .hours .chart { height: 56px; margin: 0; }
.chart .hour { fill: var(--busy); } .chart .space { fill: transparent; } .chart g:hover .space { fill: var(--plain-ground); }
.hours figcaption { display: flex; justify-content: space-between; font-size: 12px; font-variant-numeric: tabular-nums; }
.bar { display: block; width: 100%; height: 8px; border-radius: 4px; }
.bar .all { fill: var(--line); } .bar .part { fill: var(--busy); } .bar.full .part { fill: var(--warn); }
.limit { margin-bottom: 12px; } .limit p { margin: 4px 0; }
.progress { margin: 0 0 20px; } .progress strong { text-transform: capitalize; }
table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; margin: 12px 0; }
th { text-align: start; font-size: 13px; color: var(--faint); font-weight: 600; white-space: nowrap; }
th, td { padding: 8px 14px; border-top: 1px solid var(--line); vertical-align: top; text-align: start; }
thead th { border-top: 0; }
td { font-variant-numeric: tabular-nums; }
td .mono { display: inline-block; min-width: 22ch; }
td time .faint, .below, td .mono.below { display: block; }
td span.below { white-space: nowrap; }
td[data-label='Why and what'] { width: 60%; }
td button { white-space: nowrap; }
.cut { display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; }
.notice { margin: 12px 0; padding: 10px 14px; border-radius: 8px; border-inline-start: 4px solid var(--busy); background: var(--plain-ground); overflow-wrap: anywhere; }
.notice.good { border-color: var(--good); background: var(--good-ground); }
.notice.warn { border-color: var(--warn); background: var(--warn-ground); }
.notice.bad { border-color: var(--bad); background: var(--bad-ground); }
.notice p { margin: 0 0 8px; } .notice ul { margin: 8px 0 0; padding-inline-start: 20px; }
summary { cursor: pointer; }
details > bdi { display: block; white-space: pre-wrap; margin-top: 6px; font-family: ui-monospace, monospace; font-size: 12px; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: 10px; margin-bottom: 12px; }
button { font: inherit; font-weight: 600; padding: 7px 14px; border-radius: 7px; border: 1px solid var(--line); background: var(--card); color: var(--text); cursor: pointer; }
button:hover { border-color: var(--faint); }
button.main { background: var(--main); border-color: var(--main); color: var(--on-main); }
button.main:hover { filter: brightness(1.1); }
button.danger { background: var(--bad-ground); border-color: var(--bad); color: var(--bad); }
button.small { padding: 4px 11px; font-size: 14px; }
label { display: block; margin: 8px 0 12px; font-weight: 600; }
label input[type='checkbox'] { margin-inline-end: 8px; width: 16px; height: 16px; vertical-align: -2px; }
input[type='password'], input[type='search'] { display: block; width: 100%; margin-top: 4px; padding: 9px 11px; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--faint); border-radius: 7px; }
.search { display: flex; gap: 8px; max-width: 560px; margin-bottom: 16px; }
.search input[type='search'] { flex: 1; min-width: 0; margin: 0; }
.filter, .pager { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin: 14px 0; }
.filter a { padding: 2px 12px; border: 1px solid var(--line); border-radius: 99px; background: var(--card); text-decoration: none; }
.filter a[aria-current] { background: var(--plain-ground); border-color: var(--busy); font-weight: 600; }
pre.yaml { max-height: 420px; overflow: auto; padding: 12px 14px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; -webkit-user-select: all; user-select: all; }
pre.yaml + p { margin-top: -8px; font-size: 13px; }
@media (max-width: 720px) {
  header { padding: 8px 16px; } main { padding: 14px 16px 48px; }
  header nav { order: 3; flex-basis: 100%; margin: 0 -8px; } header nav a { padding: 4px 8px; }
  header .brand { flex: 1; }
  table, tbody, tr, td { display: block; width: auto; } thead { display: none; }
  tr { padding: 8px 0; border-top: 1px solid var(--line); } tr:first-child { border-top: 0; }
  td, td[data-label='Why and what'] { display: flex; width: auto; gap: 12px; padding: 3px 14px; border: 0; }
  td::before { content: attr(data-label); flex: 0 0 88px; color: var(--faint); font-size: 13px; line-height: 22px; }
  td[data-label='']::before { content: none; }
  td > * { min-width: 0; }
  td time .faint, td span.below { display: inline; }
  td .mono.below { display: block; }
}
`;
