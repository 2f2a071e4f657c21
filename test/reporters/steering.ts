/* eslint-disable no-control-regex -- these are what must not be there */

/** Characters that steer a terminal, or reorder or hide text, line ends left out. */
export const steering =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u{e0000}-\u{e007f}]/u;
