// Where every player gets its film from.

// Loads what a player is to play, unless it does already: the signature in an address changes from time to time, and that is
// no reason to load a film again. A light copy that has come to be there goes on where the film stands.
function loadFilm(video, url) {
  const address = url.split("?")[0];
  if (video.dataset.address === address && !video.error) return;
  const isSameCut = cutOf(video) === address.split("/").pop();
  const at_s = isSameCut ? video.currentTime : 0;
  const isPlaying = isSameCut && !video.paused;
  video.dataset.address = address;
  video.src = url;
  if (at_s) video.currentTime = at_s;
  if (isPlaying) video.play().catch(() => {});
}

// The cut whose film, or whose light copy, a player has loaded.
function cutOf(video) {
  return video.dataset.address?.split("/").pop();
}

