// Lets the search work where the site is opened from a folder: browsers start no worker from file://,
// so its script runs in a hidden frame instead. Material for MkDocs looks for the name IFrameWorker.
if (location.protocol === "file:") {
  const inside = (address) => {
    // The worker's own words, as they are understood in a frame.
    self.importScripts = (...scripts) =>
      scripts.reduce((before, source) => before.then(() => new Promise((done, failed) => {
        const script = document.createElement("script")
        script.onload = done
        script.onerror = failed
        script.src = source
        document.head.append(script)
      })), Promise.resolve())
    self.postMessage = (data) => frameElement.worker.dispatchEvent(new MessageEvent("message", { data }))
    document.head.append(Object.assign(document.createElement("script"), { src: address }))
  }
  window.Worker = window.IFrameWorker = class extends EventTarget {
    constructor(address) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      frame.worker = this
      frame.srcdoc = `<script>(${inside})(${JSON.stringify(String(address))})</script>`
      this.waiting = []
      frame.onload = () => {
        this.target = frame.contentWindow
        this.waiting.splice(0).forEach((data) => this.postMessage(data))
      }
      document.body.append(frame)
    }
    postMessage(data) {
      if (!this.target) return this.waiting.push(data)
      this.target.dispatchEvent(new MessageEvent("message", { data }))
    }
    terminate() {}
  }
}
