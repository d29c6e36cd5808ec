"use strict";
// Reads in workers, so that drawing never waits; where none runs, in the page.
//
// They are made of the page's own script that needs no document, so that they too are in the file.
// One reads drawings: while it does, only the newest waits for it. Each picture file is read by one
// of its own, which ends with it, or when something else is wanted.

const Beside = (() => {
  // What a worker does: first it is told the network, then what to read.
  const LISTEN = `
    let Content = null;
    onmessage = async ({ data }) => {
      if (!Content) Content = data;
      else postMessage(data.file ? await Prepare.take(data.file) : Reader.answer(data));
    };
    postMessage(null);`;
  let address = null;
  let worker = null; // that reads drawings, once it has said that it runs
  let busy = null; // who waits for the answer
  let next = null; // [given, done] that waits for its turn
  let looker = null; // the worker that looks at a picture

  /** Starts a worker; `ready` is called once it runs, `failed` whenever it fails. */
  function start(ready, failed) {
    const source = [document.getElementById("worker").textContent, LISTEN];
    address ??= URL.createObjectURL(new Blob(source, { type: "text/javascript" }));
    const started = new Worker(address);
    started.onmessage = () => {
      started.postMessage({ network: Content.network });
      ready(started);
    };
    started.onerror = (event) => {
      event.preventDefault();
      failed();
    };
    return started;
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

  /** Looks at no picture any more. */
  function stop() {
    looker?.terminate();
    looker = null;
  }

  /** Reads a picture file; `done` gets what `Prepare.take` returns, unless it is stopped. */
  async function look(file, done) {
    stop();
    const here = async () => done(await Prepare.take(file));
    if (!worker || typeof OffscreenCanvas === "undefined") return here();
    looker = start((started) => {
      started.onmessage = ({ data }) => {
        stop();
        done(data);
      };
      started.postMessage({ file });
    }, () => {
      stop();
      here();
    });
  }

  try {
    start((started) => {
      worker = started;
      worker.onmessage = ({ data }) => answered(data);
    }, () => {
      worker = null;
      const left = next ?? busy;
      [busy, next] = [null, null];
      if (left) read(...left);
    });
  } catch {
    // No worker runs here: it is read in the page.
  }

  return {
    read,
    look,
    stop,
    get runs() { return worker !== null; },
    get busy() { return busy !== null; },
    get looks() { return looker !== null; },
  };
})();
