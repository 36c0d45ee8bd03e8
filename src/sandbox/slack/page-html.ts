/** The page's skeleton; everything in it is filled by the scripts. */
export const PAGE_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Local Slack</title>
<link rel="icon" href="/page/icon.svg">
<link rel="stylesheet" href="/page/style.css">
<script defer src="/page/dom.js"></script>
<script defer src="/page/mrkdwn.js"></script>
<script defer src="/page/blocks.js"></script>
<script defer src="/page/messages.js"></script>
<script defer src="/page/home.js"></script>
<script defer src="/page/break.js"></script>
<script defer src="/page/traffic.js"></script>
<script defer src="/page/app.js"></script>
</head>
<body>
<header>
  <strong id="banner">LOCAL SLACK - not the real one</strong>
  <span id="notice" role="note" hidden></span>
  <span id="connection" role="status"></span>
  <label id="act-as">Act as <select id="me" aria-label="Act as"></select></label>
</header>
<section id="traffic" aria-label="Live traffic" hidden>
  <div id="lanes"></div>
  <div id="failed">
    <p><span>requests failed: </span><strong id="failed-count">0</strong></p>
    <span id="answered-label"></span>
  </div>
</section>
<div id="side">
<nav aria-label="Channels">
  <h1 id="team"></h1>
  <h2>Channels</h2>
  <div id="channels"></div>
  <h2 id="direct-title" hidden>Direct messages</h2>
  <div id="direct"></div>
  <h2>Apps</h2>
  <div id="apps"></div>
</nav>
<details id="break" open hidden>
  <summary><h2>Break something</h2></summary>
  <p>The processes are real: lb finds out, and tells the channel.</p>
  <div id="things"></div>
</details>
</div>
<main>
  <div id="channel-head"><h2 id="channel-name"></h2><span id="channel-note"></span></div>
  <div id="messages" role="log" aria-label="Messages" tabindex="0"></div>
  <div id="home" role="region" aria-label="Home" tabindex="0" hidden></div>
  <form id="composer">
    <input id="box" aria-label="Message" autocomplete="off" spellcheck="false" maxlength="8000">
    <button type="submit" class="primary">Send</button>
  </form>
</main>
<dialog id="dialog"></dialog>
<div id="toast" role="alert" hidden></div>
</body>
</html>
`;

/** The icon of the browser's tab. */
export const PAGE_ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<rect width="16" height="16" rx="4" fill="#3f0e40"/>
<path d="M5 3v7.5A1.5 1.5 0 0 0 6.5 12H12" fill="none" stroke="#ecb22e" stroke-width="2.5"/>
</svg>
`;
