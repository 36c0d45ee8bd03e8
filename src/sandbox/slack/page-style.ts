/** The look of the page. */
export const PAGE_STYLE = `
:root {
  --ink: #1d1c1d; --soft: #616061; --line: #dddddd; --hover: #f8f8f8; --link: #1264a3;
  --green: #007a5a; --red: #c01343; --plum: #3f0e40; --plum-dark: #2c0a2d; --night: #15181c;
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0; height: 100vh; display: grid;
  grid-template: auto auto minmax(0, 1fr) / 250px minmax(0, 1fr);
  font: 15px/1.46 Lato, "Helvetica Neue", "Segoe UI", system-ui, "DejaVu Sans", sans-serif;
  color: var(--ink); background: #ffffff;
}
button, select, input, textarea { font: inherit; color: inherit; }
h1, h2, h3 { margin: 0; font-size: inherit; }

header {
  grid-column: 1 / 3; display: flex; flex-wrap: wrap; align-items: center; gap: 5px 14px;
  padding: 7px 16px; background: var(--plum-dark); color: #ffffff;
}
#banner, #notice {
  padding: 2px 10px; border-radius: 4px; background: #ecb22e; color: #1d1c1d;
  font-size: 13px; letter-spacing: 0.03em;
}
#notice { background: #f3c9dd; letter-spacing: normal; }
#banner, #connection, #act-as { white-space: nowrap; }
#connection { color: #d9cfd9; font-size: 13px; }
#connection::before {
  content: ""; display: inline-block; width: 9px; height: 9px; margin-right: 7px;
  border-radius: 50%; background: #e8912d;
}
#connection.on::before { background: #2bac76; }
#act-as { margin-left: auto; font-size: 14px; }
#me {
  margin-left: 6px; padding: 4px 8px; border: 0; border-radius: 6px;
  background: #ffffff; color: var(--ink); font-weight: 700;
}

#traffic {
  grid-column: 1 / 3; display: flex; gap: 22px; align-items: stretch;
  padding: 10px 16px; background: var(--night); color: #e8eaed;
}
#lanes { flex: 1; min-width: 0; display: grid; gap: 5px; align-content: center; }
.lane {
  display: grid; grid-template-columns: minmax(110px, 200px) minmax(0, 1fr) 88px 120px;
  gap: 12px; align-items: center; font-size: 13px;
}
#lanes.many { grid-auto-flow: column; grid-template-rows: repeat(5, auto); column-gap: 22px; }
#lanes.many .lane { grid-template-columns: minmax(100px, 130px) minmax(0, 1fr) 88px; }
#lanes.many .total { display: none; }
.lane .member { font-weight: 700; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.lane canvas { width: 100%; height: 26px; border-radius: 4px; background: #20252b; }
.lane .rate { text-align: right; font-size: 15px; font-weight: 700; color: #5fe0a7; }
.lane .total { text-align: right; color: #9aa5b1; }
.lane .rate, .lane .total, #failed { font-variant-numeric: tabular-nums; }
.lane.idle { color: #7a838e; }
.lane.idle .rate { color: #7a838e; font-weight: 400; font-size: 13px; }
.lane.idle .total { color: #5c6570; }
#failed {
  display: flex; flex-direction: column; justify-content: center; align-items: center;
  min-width: 190px; padding: 4px 16px; border-radius: 8px; background: #12372a; color: #8ff0c4;
}
#failed p { display: flex; flex-direction: column; align-items: center; margin: 0; font-weight: 700; }
#failed-count { font-size: 44px; line-height: 1.05; font-weight: 800; }
#answered-label { font-size: 12px; opacity: 0.75; }
#failed.bad { background: #6b1128; color: #ffd7e0; }

#side, main { grid-row: 3; }
#side {
  display: flex; flex-direction: column; gap: 12px; padding: 10px 8px; overflow: auto;
  background: var(--plum); color: #cfc3cf;
}
nav h1 { padding: 0 8px 4px; color: #ffffff; font-size: 17px; }
nav h2 { padding: 7px 8px 3px; font-size: 13px; font-weight: 400; }
nav button {
  display: block; width: 100%; padding: 3px 8px; border: 0; border-radius: 6px;
  background: none; color: inherit; text-align: left; cursor: pointer;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
}
nav button:hover { background: #522653; }
nav button.unread { color: #ffffff; font-weight: 700; }
nav button[aria-current="true"] { background: var(--link); color: #ffffff; }
nav .sign { display: inline-block; width: 18px; opacity: 0.75; }
nav .sign.lock::before {
  content: ""; display: block; width: 5px; height: 4px; margin: 0 0 0 1px;
  border: 1.5px solid currentColor; border-bottom: 0; border-radius: 4px 4px 0 0;
}
nav .sign.lock::after {
  content: ""; display: block; width: 10px; height: 6px; border-radius: 1.5px; background: currentColor;
}

#break { padding: 9px 10px 10px; border-radius: 8px; background: #55285780; font-size: 13px; line-height: 1.35; }
#break summary { cursor: pointer; color: #ffffff; }
#break h2 { display: inline; padding: 0; font-size: 15px; font-weight: 700; }
#break p { margin: 3px 0; }
.thing { margin-top: 8px; padding-top: 7px; border-top: 1px solid #76507a; }
.thing strong { color: #ffffff; overflow-wrap: anywhere; }
.damage { color: #ffb3c1; font-weight: 700; }
.thing button {
  margin: 2px 6px 0 0; padding: 3px 11px; border: 1px solid #a98fab; border-radius: 5px;
  background: none; color: #ffffff; font-weight: 700; cursor: pointer;
}
.thing button:hover { background: #7a4a7c; }
.thing button.mend { border-color: #5fe0a7; background: #5fe0a7; color: #0b2a1e; }

main { display: flex; flex-direction: column; min-height: 0; }
#channel-head {
  display: flex; gap: 12px; align-items: baseline;
  padding: 10px 20px; border-bottom: 1px solid var(--line);
}
#channel-name { font-size: 17px; font-weight: 800; }
#channel-note { color: var(--soft); font-size: 13px; }
#messages { flex: 1; overflow: auto; padding: 8px 0 14px; }
#home { flex: 1; overflow: auto; padding: 8px 20px 24px; }
#home > p { color: var(--soft); }
#messages > p { padding: 10px 20px; color: var(--soft); }

.message { display: grid; grid-template-columns: 36px minmax(0, 1fr); gap: 10px; padding: 7px 20px; }
.message:hover { background: var(--hover); }
.message.only-you { background: #fdf6e3; }
.message.reply { grid-template-columns: 26px minmax(0, 1fr); margin-left: 46px; padding-left: 14px; border-left: 3px solid var(--line); }
.avatar {
  width: 36px; height: 36px; border-radius: 6px; color: #ffffff;
  font-weight: 700; text-align: center; line-height: 36px; text-transform: uppercase;
}
.reply .avatar { width: 26px; height: 26px; line-height: 26px; font-size: 13px; }
.tone0 { background: #1264a3; } .tone1 { background: #2bac76; } .tone2 { background: #b5560b; }
.tone3 { background: #8d3f9e; } .tone4 { background: #c01343; } .tone5 { background: #4a5d6b; }
.tone-app { background: var(--ink); }
.who { font-weight: 800; }
.app-mark {
  margin-left: 5px; padding: 1px 4px; border-radius: 3px; background: #e8e8e8;
  color: var(--soft); font-size: 10px; font-weight: 700; vertical-align: 1px;
}
.when, .edited { margin-left: 7px; color: var(--soft); font-size: 12px; }
.only-you-note { color: var(--soft); font-size: 12px; }
.only-you-note::before {
  content: ""; display: inline-block; width: 12px; height: 7px; margin-right: 6px;
  border: 1.5px solid var(--soft); border-radius: 50%;
}

.block { margin: 3px 0; max-width: 860px; overflow-wrap: anywhere; }
.block-header { margin: 6px 0 2px; font-size: 18px; font-weight: 800; }
.block-context { color: var(--soft); font-size: 13px; }
.block-section { display: flex; justify-content: space-between; gap: 16px; }
.block-section > div:first-child { flex: 1; min-width: 0; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 4px 18px; }
.block-actions { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 7px; }
.block hr, hr.block { border: 0; border-top: 1px solid var(--line); }
.attachment { padding-left: 12px; border-left: 4px solid var(--line); border-radius: 2px; }
button.action, dialog button, #composer button {
  padding: 5px 13px; border: 1px solid #b9b9b9; border-radius: 5px;
  background: #ffffff; font-weight: 700; cursor: pointer;
}
button.action:hover { box-shadow: 0 1px 3px #0003; }
button.primary, #composer button.primary { border-color: var(--green); background: var(--green); color: #ffffff; }
button.danger { border-color: var(--red); background: var(--red); color: #ffffff; }
button:disabled { opacity: 0.5; cursor: default; }
:focus-visible { outline: 3px solid #1d9bd1; outline-offset: 1px; }

code {
  padding: 1px 3px; border: 1px solid var(--line); border-radius: 3px;
  background: #f7f7f7; color: #c0143c;
}
code, pre { font: 13px/1.45 "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre {
  margin: 4px 0; padding: 8px 10px; border: 1px solid var(--line); border-radius: 4px;
  background: #f8f8f8; overflow-x: auto; white-space: pre;
}
blockquote { margin: 2px 0; padding-left: 10px; border-left: 4px solid var(--line); }
.mention { padding: 0 2px; border-radius: 3px; background: #e8f5fa; color: var(--link); }
.mention.me, .mention.group { background: #fdf2d4; }
a { color: var(--link); }
table { border-collapse: collapse; margin: 5px 0; font-size: 14px; }
th, td { padding: 4px 10px; border: 1px solid var(--line); text-align: left; }
th { background: #f8f8f8; }

#composer { display: flex; gap: 8px; padding: 0 20px 18px; }
#composer input { flex: 1; min-width: 0; padding: 10px 12px; border: 1px solid #8d8d8d; border-radius: 8px; }
dialog {
  width: min(520px, 92vw); padding: 20px 24px; border: 0; border-radius: 10px;
  box-shadow: 0 12px 48px #0007;
}
dialog::backdrop { background: #0007; }
dialog h3 { margin-bottom: 8px; font-size: 20px; }
dialog .buttons { display: flex; justify-content: flex-end; gap: 8px; margin-top: 18px; }
dialog label { display: block; margin: 10px 0; font-weight: 700; }
dialog input, dialog textarea, dialog label select { display: block; width: 100%; padding: 6px 8px; }
dialog .fault { color: var(--red); font-size: 13px; font-weight: 400; }
#toast {
  position: fixed; left: 50%; bottom: 84px; transform: translateX(-50%);
  padding: 9px 16px; border-radius: 8px; background: var(--ink); color: #ffffff;
}
@media (max-width: 760px) {
  body { grid-template: auto auto auto minmax(0, 1fr) / minmax(0, 1fr); }
  header { padding: 6px 10px; }
  header, #traffic { grid-column: 1; }
  #banner, #notice { font-size: 12px; letter-spacing: normal; }
  #traffic { flex-direction: column; gap: 7px; padding: 8px 10px; }
  #lanes, #lanes.many { grid-auto-flow: row; grid-template-rows: none; }
  .lane, #lanes.many .lane { grid-template-columns: 122px minmax(0, 1fr) 84px; }
  .lane canvas { height: 15px; }
  .lane .rate { font-size: 13px; }
  .lane .total { display: none; }
  #failed { flex-direction: row; gap: 12px; min-width: 0; padding: 2px 10px; }
  #failed p { flex-direction: row; gap: 6px; }
  #failed-count { font-size: 20px; }
  #side { gap: 6px; padding: 6px 8px; max-height: 45vh; }
  nav { display: flex; flex-wrap: wrap; gap: 4px; }
  nav h1, nav h2 { display: none; }
  nav div { display: flex; gap: 4px; }
  nav button { width: auto; }
  main { grid-row: 4; }
  .message { padding: 7px 10px; }
  .message.reply { margin-left: 14px; }
  #composer { padding: 0 10px 10px; }
  #channel-head { padding: 6px 12px; }
}
`;
