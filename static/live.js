// What arrives while somebody reads: "1 new answer" on a thread, "3 questions changed" on a list, and everywhere the number
// beside the bell. Nothing moves under the reader: a line says what is new, and its link shows it.
//
// One stream a browser: the tab that holds the lock listens and tells the others. Without locks each tab listens for itself;
// without a stream it asks once a minute. Of a private thread and of a bell only its readers hear, so their tabs share a stream
// that was opened as them.

const line = document.querySelector("[data-live-thread], [data-live-list]");
const bell = document.querySelector("[data-bell]");
const EACH_MINUTE = 60_000;

if (line || bell) {
  const thread = Number(line?.dataset.liveThread) || null;
  const known = Number(line?.dataset.answers);
  const others = new Set();

  const counted = ({ dataset }, many) => (many === 1 ? dataset.one : dataset.many.replace("{}", many.toLocaleString(document.documentElement.lang)));

  const say = (words) => {
    if (line.textContent === words) return;
    const link = document.createElement("a");
    link.href = location.pathname + location.search;
    link.className = "button";
    link.textContent = words;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      location.reload();
    });
    line.replaceChildren(link);
  };

  const show = (figures) => {
    if (!line) return;
    for (const { id, answers, affected } of figures) {
      if (thread === null) others.add(id);
      if (id !== thread) continue;
      const more = answers - known;
      if (more > 0) say(counted(line, more));
      const people = document.querySelector("[data-live=affected]");
      if (people && affected > 0) people.textContent = counted(people, affected);
    }
    if (others.size) say(counted(line, others.size));
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
