// What arrives while somebody reads: "1 new answer" and "2 new comments" on a thread, "3 questions changed" on a list, and
// everywhere the number beside the bell. Nothing moves under the reader: a line says what is new, and its links show it.
//
// One stream a browser: the tab that holds the lock listens and tells the others. Without locks each tab listens for itself;
// without a stream it asks once a minute. Of a private thread and of a bell only its readers hear, so their tabs share a stream
// that was opened as them.

const line = document.querySelector("[data-live-thread], [data-live-list]");
const bell = document.querySelector("[data-bell]");
const EACH_MINUTE = 60_000;

if (line || bell) {
  const thread = Number(line?.dataset.liveThread) || null;
  const known = { answers: Number(line?.dataset.answers), comments: Number(line?.dataset.comments), newest: Number(line?.dataset.newestComment) };
  const others = new Set();

  const filled = (one, many, number) => (number === 1 ? one : many.replace("{}", number.toLocaleString(document.documentElement.lang)));
  const counted = ({ dataset }, number) => filled(dataset.one, dataset.many, number);

  const freshLink = () => {
    const link = document.createElement("a");
    link.className = "button";
    link.addEventListener("click", (event) => {
      if (link.pathname !== location.pathname) return;
      event.preventDefault();
      location.reload();
    });
    return line.appendChild(link);
  };

  // Pairs of words and of where they lead. A link that stands there stays: whoever is on it is not taken away from it.
  const say = (news) => {
    while (line.children.length > news.length) line.lastElementChild.remove();
    news.forEach(([words, place = location.pathname + location.search], at) => {
      const link = line.children[at] ?? freshLink();
      link.href = place;
      if (link.textContent !== words) link.textContent = words;
    });
  };

  // Figures tell of a comment that came only with the newest one where another went at the same time.
  const newsOf = ({ answers, comments, newest_comment: newest }) => {
    const news = [];
    const words = line.dataset;
    const isNewer = newest > known.newest;
    const more = Math.max(comments - known.comments, isNewer ? 1 : 0);
    if (answers > known.answers) news.push([counted(line, answers - known.answers)]);
    if (more > 0) news.push([filled(words.commentOne, words.commentMany, more), isNewer ? `/comments/${newest}` : undefined]);
    if (answers < known.answers || comments < known.comments) news.push([words.gone]);
    return news;
  };

  const show = (figures) => {
    if (!line) return;
    for (const told of figures) {
      const { id, affected } = told;
      if (thread === null) others.add(id);
      if (id !== thread) continue;
      say(newsOf(told));
      const people = document.querySelector("[data-live=affected]");
      if (people && affected > 0) people.textContent = counted(people, affected);
    }
    if (others.size) say([[counted(line, others.size)]]);
  };

  // The page was written with the same words: see the frame.
  const ring = ({ to, unread }) => {
    if (to !== bell?.dataset.bell) return;
    for (const count of document.querySelectorAll("[data-bell-count]")) {
      count.hidden = unread === 0;
      count.textContent = unread > 99 ? "99+" : unread;
    }
    for (const place of document.querySelectorAll("[data-bell-none]")) {
      const words = unread === 0 ? place.dataset.bellNone : place.dataset.bellSome.replace("{}", unread);
      if (place === bell) place.setAttribute("aria-label", words);
      else place.textContent = words;
    }
  };

  const fetched = async (address) => {
    try {
      const answer = await fetch(address, { headers: { accept: "application/json" } });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null; // No network: what stands there stays.
    }
  };

  // At one thread, or at all that the page shows.
  const look = async (at = null) => {
    const here = thread !== null && (at === null || at === thread);
    const [figures, mine] = await Promise.all([
      here ? fetched(`/live/figures?thread=${thread}`) : null,
      bell && at === null ? fetched("/notices/count") : null,
    ]);
    if (figures) show(figures);
    if (mine) ring(mine);
  };

  const hear = ({ figures, mine, at = null }) => {
    if (figures) show(figures);
    if (mine) ring(mine);
    if (!figures && !mine) look(at);
  };

  // Tabs that are open since another member was signed in, or nobody, have a stream and a channel of their own.
  const room = `answerwell-live ${bell?.dataset.bell ?? ""}`;
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel(room) : null;
  if (tabs) tabs.onmessage = (event) => hear(event.data);
  const tell = (news) => {
    hear(news);
    tabs?.postMessage(news);
  };

  // Resolves once there is no stream to be had.
  const listen = () =>
    new Promise((over) => {
      const stream = new EventSource("/live");
      stream.addEventListener("look", (event) => tell({ at: Number(event.data) || null }));
      stream.addEventListener("threads", (event) => tell({ figures: JSON.parse(event.data) }));
      stream.addEventListener("bell", (event) => tell({ mine: JSON.parse(event.data) }));
      stream.onerror = () => {
        // The browser tries again by itself, unless the server said that there is none.
        if (stream.readyState === EventSource.CLOSED) over();
      };
    });

  const follow = navigator.locks ? navigator.locks.request(room, listen) : listen();
  follow.finally(() => setInterval(() => document.hidden || look(), EACH_MINUTE));
}
