// Writing a question or an answer: similar questions while one types, a preview by the server's own rendering, pictures by
// button, paste and drop, a topic's own fields, tags that others use. Without this file each of them is a button or a step.

const pause = 300;

/* After a pause in the typing; a newer question takes the place of an older one. */
function afterTyping(field, ask) {
  let timer;
  let asking;
  const begin = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      asking?.abort();
      asking = new AbortController();
      try {
        await ask(asking.signal);
      } catch {
        // No network, or a newer question is under way: what stands there stays.
      }
    }, pause);
  };
  field.addEventListener("input", begin);
  return begin;
}

async function fragment(place, signal) {
  const answer = await fetch(place, { signal });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.text();
}

for (const form of document.querySelectorAll("form[data-compose]")) {
  const body = form.querySelector("textarea[name=body]");
  if (form.hasAttribute("data-asking")) {
    unfoldSimilar(form);
    askFields(form);
    suggestTags(form);
  }
  showPreview(form, body);
  takePictures(form, body);
}

function unfoldSimilar(form) {
  const title = form.elements.title;
  const place = form.querySelector("[data-similar]");
  if (!title || !place) return;
  const look = afterTyping(title, async (signal) => {
    const words = title.value.trim();
    const html = words.length < 8 ? "" : await fragment(`/ask/similar?title=${encodeURIComponent(words)}`, signal);
    place.innerHTML = html && `<p class="similar-title"></p>${html}`;
    if (html) place.firstElementChild.textContent = place.dataset.title;
    place.dispatchEvent(new Event("answerwell:ages", { bubbles: true }));
    // They were seen: no step for them when it is sent.
    if (words.length >= 8) form.elements.seen.value = "yes";
  });
  if (title.value && !form.querySelector(".step")) look();
}

function askFields(form) {
  const topic = form.elements.topic;
  const place = form.querySelector("[data-fields]");
  if (!topic || !place) return;
  const load = async () => {
    const typed = new Map([...place.querySelectorAll("input, select")].map((field) => [field.name, field.value]));
    try {
      place.innerHTML = await fragment(`/ask/fields?topic=${encodeURIComponent(topic.value)}`);
      for (const field of place.querySelectorAll("input:not([type=hidden]), select")) {
        if (typed.get(field.name)) field.value = typed.get(field.name);
        if (place.dataset.drafts) field.dataset.draft = place.dataset.drafts + field.name;
      }
      // app.js fills them in from what was typed here before.
      place.dispatchEvent(new Event("answerwell:fields", { bubbles: true }));
    } catch {
      // The server asks for them as a step when the form is sent.
    }
  };
  topic.addEventListener("change", load);
  // A draft brought the topic back.
  if (topic.value !== form.elements.fields_of.value && topic.value) load();
}

function suggestTags(form) {
  const field = form.elements.tags;
  if (!field) return;
  const list = document.createElement("datalist");
  list.id = "tags-known";
  field.after(list);
  field.setAttribute("list", list.id);
  afterTyping(field, async (signal) => {
    const parts = field.value.split(",");
    const begins = parts.pop().trim();
    if (!begins) return list.replaceChildren();
    const headers = { accept: "application/json" };
    const answer = await fetch(`/tags?begins=${encodeURIComponent(begins)}`, { headers, signal });
    if (!answer.ok) return;
    const { tags } = await answer.json();
    const before = parts.map((part) => part.trim()).filter(Boolean);
    list.replaceChildren(
      ...tags.map((tag) => {
        const option = document.createElement("option");
        option.value = [...before, tag].join(", ");
        return option;
      }),
    );
  });
}

function showPreview(form, body) {
  const place = form.querySelector("[data-preview]");
  const button = form.querySelector("button[name=then][value=preview], button[formaction='/ask/preview']");
  if (!place || !button) return;
  const render = async (signal) => {
    if (place.hidden) return;
    const headers = { accept: "application/json" };
    const sent = { method: "POST", headers, body: new URLSearchParams({ body: body.value }), signal };
    const answer = await fetch("/preview", sent);
    if (!answer.ok) return;
    const { html, problem } = await answer.json();
    if (html === undefined) {
      const said = document.createElement("p");
      said.className = "muted";
      said.textContent = problem;
      place.replaceChildren(said);
    } else {
      place.innerHTML = `<section class="preview"><h2 class="preview-title"></h2><div class="prose" dir="auto">${html}</div></section>`;
      place.firstElementChild.setAttribute("aria-label", place.dataset.title);
      place.querySelector(".preview-title").textContent = place.dataset.title;
    }
  };
  afterTyping(body, render);
  const words = { show: button.textContent, hide: place.dataset.hide };
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    place.hidden = !place.hidden;
    button.setAttribute("aria-expanded", String(!place.hidden));
    button.textContent = place.hidden ? words.show : words.hide;
    await render().catch(() => {});
  });
}

function takePictures(form, body) {
  const room = form.querySelector("[data-upload]");
  if (!room) return;
  const file = form.elements.file_1;
  const alt = form.elements.alt;
  const button = room.querySelector("button[value=picture]");
  const said = room.querySelector("[data-said]");
  const words = said.dataset;
  const choose = (picture) => {
    const chosen = new DataTransfer();
    chosen.items.add(picture);
    file.files = chosen.files;
    room.open = true;
    said.textContent = words.next;
    alt.focus();
  };
  const pictureIn = (data) => [...(data?.files ?? [])].find((one) => one.type.startsWith("image/"));
  body.addEventListener("paste", (event) => {
    const picture = pictureIn(event.clipboardData);
    if (!picture) return;
    event.preventDefault();
    choose(picture);
  });
  for (const kind of ["dragover", "drop"]) {
    body.addEventListener(kind, (event) => {
      const carries = kind === "drop" ? pictureIn(event.dataTransfer) : event.dataTransfer?.types.includes("Files");
      if (!carries) return;
      event.preventDefault();
      if (kind === "drop") choose(carries);
    });
  }
  alt.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    button.click();
  });
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    const picture = file.files[0];
    if (!picture) return void (said.textContent = words.choose);
    if (!alt.value.trim()) {
      said.textContent = words.describe;
      return alt.focus();
    }
    button.disabled = true;
    said.textContent = words.busy;
    try {
      const sent = new FormData();
      sent.append("file", picture);
      const answer = await fetch("/files", { method: "POST", body: sent, headers: { accept: "application/json" } });
      const told = await answer.json();
      if (!answer.ok) {
        said.textContent = told.problem ?? told.error?.message ?? words.refused;
        return;
      }
      const shown = alt.value.trim().replace(/[\[\]\\]/g, "\\$&");
      const before = body.value.slice(0, body.selectionStart);
      const lead = before && !before.endsWith("\n") ? "\n\n" : "";
      body.setRangeText(`${lead}![${shown}](${told.place})\n`, body.selectionStart, body.selectionEnd, "end");
      body.dispatchEvent(new Event("input", { bubbles: true }));
      file.value = alt.value = "";
      room.open = false;
      body.focus();
      said.textContent = "";
    } catch {
      said.textContent = words.unreachable;
    } finally {
      button.disabled = false;
    }
  });
}
