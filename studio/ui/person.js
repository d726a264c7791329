// Has the browser remember the name that a person gave, for a year, or forget it where they took it back.

export default function ({ data: { cookie, name } }) {
  const age_s = name ? 365 * 24 * 3600 : 0;
  document.cookie = `${cookie}=${encodeURIComponent(name)}; path=/; max-age=${age_s}; samesite=lax`;
}
