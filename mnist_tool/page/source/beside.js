"use strict";
// Reads in a worker, so that drawing never waits; where no worker runs, in the page.
//
// The worker is made of the page's own scripts that have `data-worker`, so that it too is in the
// file. While it reads, only the newest drawing waits for it.

const Beside = (() => {
  // What the worker does: first it is told the network, then what to read.
  const LISTEN = `
    let Content = null;
    onmessage = ({ data }) => {
      if (Content) postMessage(Reader.answer(data));
      else Content = data;
    };
    postMessage(null);`;
  let worker = null; // once it has said that it runs
  let busy = null; // who waits for the answer
  let next = null; // [given, done] that waits for its turn

  function start() {
    const scripts = [...document.scripts].filter(({ dataset }) => "worker" in dataset);
    const source = [...scripts.map(({ textContent }) => textContent), LISTEN].join("\n");
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const started = new Worker(address);
    started.onmessage = () => {
      URL.revokeObjectURL(address);
      worker = started;
      worker.onmessage = ({ data }) => answered(data);
      worker.postMessage({ network: Content.network });
    };
    started.onerror = (event) => {
      event.preventDefault();
      worker = null;
      const left = next ?? busy;
      [busy, next] = [null, null];
      if (left) read(...left);
    };
  }

  function answered(readings) {
    const [, done] = busy;
    busy = null;
    done(readings);
    if (!next) return;
    const left = next;
    next = null;
    read(...left);
  }

  /** Reads what a drawing gives; `done` gets the readings, at once or later. */
  function read(given, done) {
    if (busy) {
      next = [given, done];
    } else if (worker && given?.ink) {
      busy = [given, done];
      worker.postMessage(given);
    } else {
      done(Reader.answer(given));
    }
  }

  try {
    start();
  } catch {
    // No worker runs here: it is read in the page.
  }

  return { read, get runs() { return worker !== null; }, get busy() { return busy !== null; } };
})();
