// Work that is done once for all that came since the last picture.

/** The longest that something waits while no pictures are drawn, in milliseconds. */
const HIDDEN_MS = 500;

/** Gives a function that has `work` done before the next picture, once for any number of calls. */
export function perFrame(work: () => void): () => void {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    let isDone = false;
    const once = () => {
      if (isDone) return;
      isDone = true;
      isAsked = false;
      clearTimeout(timer);
      work();
    };
    // A page that is not looked at draws nothing, and what is told would pile up.
    const timer = setTimeout(once, HIDDEN_MS);
    requestAnimationFrame(once);
  };
}

/** Settled once a picture of what is known now was drawn, or soon where none is drawn. */
export function drawn(): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, HIDDEN_MS);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      // The picture is made behind the callbacks of its frame.
      setTimeout(done);
    });
  });
}
