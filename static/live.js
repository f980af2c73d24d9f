// What arrives while somebody reads: "1 new answer" on a thread, "3 questions changed" on a list. Nothing moves under the
// reader: a line says what is new, and its link shows it.
//
// One stream a browser: the tab that holds the lock listens and tells the others. Without locks each tab listens for itself;
// without a stream it asks once a minute.

const line = document.querySelector("[data-live-thread], [data-live-list]");
const EACH_MINUTE = 60_000;

if (line) {
  const thread = Number(line.dataset.liveThread) || null;
  const known = Number(line.dataset.answers);
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

  const look = async () => {
    if (thread === null) return;
    try {
      const answer = await fetch(`/live/figures?thread=${thread}`, { headers: { accept: "application/json" } });
      if (answer.ok) show(await answer.json());
    } catch {
      // No network: what stands there stays.
    }
  };

  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("answerwell-live") : null;
  if (tabs) tabs.onmessage = (event) => (event.data === null ? look() : show(event.data));
  const tell = (figures) => {
    if (figures === null) look();
    else show(figures);
    tabs?.postMessage(figures);
  };

  // Resolves once there is no stream to be had.
  const listen = () =>
    new Promise((over) => {
      const stream = new EventSource("/live");
      stream.addEventListener("look", () => tell(null));
      stream.addEventListener("threads", (event) => tell(JSON.parse(event.data)));
      stream.onerror = () => {
        // The browser tries again by itself, unless the server said that there is none.
        if (stream.readyState === EventSource.CLOSED) over();
      };
    });

  const follow = navigator.locks ? navigator.locks.request("answerwell-live", listen) : listen();
  follow.finally(() => setInterval(() => document.hidden || look(), EACH_MINUTE));
}
