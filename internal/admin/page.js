"use strict";
// The overview is drawn anew every few seconds, unless somebody is at one of its
// forms. Where it cannot be, the page says so instead of showing old figures.
const taken = () => document.querySelector("main details[open]") || document.querySelector("main :is(input, select):focus");

async function again() {
  if (document.hidden || taken()) return;
  let stale = true;
  try {
    const answer = await fetch(location.href);
    if (answer.ok) {
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (taken()) return;
      for (const part of ["main", "footer"]) document.querySelector(part).replaceWith(next.querySelector(part));
      stale = false;
    }
  } catch {
    // The worker does not answer.
  }
  document.querySelector("#stale").hidden = !stale;
}

setInterval(again, 5000);
