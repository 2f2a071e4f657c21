type Environment = Readonly<Record<string, string | undefined>>;

/** Terminals of Windows, by their variables, that have more than the signs of an old code page. */
const modernOnWindows: readonly ((environment: Environment) => boolean)[] = [
  (environment) => (environment["WT_SESSION"] ?? "") !== "",
  (environment) => (environment["ConEmuTask"] ?? "") !== "",
  (environment) => environment["TERM_PROGRAM"] === "vscode",
  (environment) => /^(?:xterm|alacritty|rxvt)/.test(environment["TERM"] ?? ""),
];

/** Whether a terminal with this environment shows signs outside ASCII. Not where the locale names another character set,
 * on the bare Linux console, and in the classic console window of Windows, whose fonts lack them whatever its code page. */
export function showsUnicode(environment: Environment): boolean {
  if (environment["OS"] === "Windows_NT") return modernOnWindows.some((known) => known(environment));
  if (environment["TERM"] === "linux") return false;
  const locale = [environment["LC_ALL"], environment["LC_CTYPE"], environment["LANG"]].find(
    (value) => value !== undefined && value !== "",
  );
  return locale === undefined || /utf-?8/i.test(locale);
}
