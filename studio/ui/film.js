// Where every player gets its film from.

// Loads what a player is to play of a cut, unless it does already: the signature in an address changes from time to time, and
// that is no reason to load a film again. A light copy that has come to be there goes on where the film stands.
function loadFilm(video, url, cut) {
  const address = url.split("?")[0];
  if (video.dataset.address === address && video.dataset.cut === cut && !video.error) return;
  const isSameCut = video.dataset.cut === cut;
  const at_s = isSameCut ? video.currentTime : 0;
  const isPlaying = isSameCut && !video.paused;
  Object.assign(video.dataset, { address, cut });
  video.src = url;
  video.currentTime = at_s;
  if (isPlaying) video.play().catch(() => {});
}

