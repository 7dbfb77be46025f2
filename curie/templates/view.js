// Follows a run: whenever the journal has grown, the new report is loaded behind the old one and then takes its place,
// scrolled to where the reader was, with the same parts open.
"use strict";

const status = document.getElementById("status");
const main = document.querySelector("main");
let shown = null;
let wanted = null;
let loading = false;

// A part's name is that of the heading above it and its place below that heading: parts come and go while a run goes on.
function namedParts(page) {
  const named = new Map();
  let heading = "";
  let place = 0;
  for (const element of page.querySelectorAll("h1[id], h2[id], h3[id], h4[id], details")) {
    if (element.localName === "details") {
      named.set(`${heading} ${place}`, element);
      place += 1;
    } else {
      heading = element.id;
      place = 0;
    }
  }
  return named;
}

function take(next, old) {
  const from = old.contentDocument;
  const to = next.contentDocument;
  if (from && to) {
    const before = namedParts(from);
    for (const [name, part] of namedParts(to)) {
      if (before.has(name)) part.open = before.get(name).open;
    }
    next.contentWindow.scrollTo(old.contentWindow.scrollX, old.contentWindow.scrollY);
    document.title = to.title || document.title;
  }
  next.classList.remove("next");
  old.remove();
}

function load() {
  if (loading || wanted === shown) return;
  loading = true;
  const version = wanted;
  const old = main.querySelector("iframe");
  const next = document.createElement("iframe");
  next.title = old.title;
  next.className = "next";
  next.addEventListener("load", () => {
    take(next, old);
    shown = version;
    // The server draws at most every other second: what came meanwhile is asked for a little later.
    setTimeout(() => { loading = false; load(); }, 2200);
  }, { once: true });
  next.src = "report";
  main.append(next);
}

const events = new EventSource("events");
events.addEventListener("message", (event) => {
  const told = JSON.parse(event.data);
  status.textContent = told.text;
  status.title = told.text;
  wanted = told.version;
  load();
});
events.addEventListener("error", () => { status.textContent = "The server has stopped; this is the last it sent."; });
