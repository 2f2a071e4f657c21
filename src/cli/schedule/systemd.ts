import type { Schedule } from "./schedule.ts";

/**
 * A service that runs one check, for systemd 247 and later. It runs as a user that exists only meanwhile, with a read-only
 * file system, no privileges and no way to new ones. Source: systemd.exec(5), systemd.service(5).
 */
export function systemdService({
  name,
  workspace,
  program,
  checkArguments,
  longestSeconds,
  folders,
  state,
}: Schedule): string {
  const writable = [...folders, ...(state === undefined ? [] : [folderOf(state)])];
  return text([
    "[Unit]",
    `Description=aml-doctor check of ${escaped(workspace)}`,
    "Wants=network-online.target",
    "After=network-online.target",
    "",
    "[Service]",
    "Type=oneshot",
    `ExecStart=${[program, "check", ...checkArguments].map(argument).join(" ")}`,
    "# 1 warnings, 2 unhealthy, 3 inconclusive: each is a failed unit, so that OnFailure= and `systemctl --failed` tell.",
    `TimeoutStartSec=${longestSeconds}`,
    "# The state of the check before is kept in /var/lib/aml-doctor.",
    "StateDirectory=aml-doctor",
    "StateDirectoryMode=0700",
    "CacheDirectory=aml-doctor",
    "Environment=XDG_CACHE_HOME=/var/cache/aml-doctor",
    ...(writable.length === 0
      ? []
      : [
          "# Reports are written here. The user must be allowed to, for example by SupplementaryGroups= with the folder's group.",
          `ReadWritePaths=${[...new Set(writable)].map((folder) => argument(`-${folder}`)).join(" ")}`,
        ]),
    "",
    "DynamicUser=yes",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "AmbientCapabilities=",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "ProtectControlGroups=yes",
    "ProtectProc=invisible",
    "ProcSubset=pid",
    "# Netlink tells the machine's own addresses.",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "RemoveIPC=yes",
    "LockPersonality=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged @resources",
    "SystemCallErrorNumber=EPERM",
    "UMask=0022",
    "# MemoryDenyWriteExecute is left out: the JavaScript engine compiles while it runs.",
    `SyslogIdentifier=${name}`,
  ]);
}

/** The timer that starts the service: some minutes after boot, then at the interval, spread over a part of it. */
export function systemdTimer({ name, workspace, everyMinutes }: Schedule): string {
  return text([
    "[Unit]",
    `Description=Regular aml-doctor check of ${escaped(workspace)}`,
    "",
    "[Timer]",
    "OnBootSec=2min",
    `OnUnitActiveSec=${everyMinutes}min`,
    `RandomizedDelaySec=${spreadSeconds(everyMinutes)}`,
    "AccuracySec=1min",
    `Unit=${name}.service`,
    "",
    "[Install]",
    "WantedBy=timers.target",
  ]);
}

/** A tenth of the interval, so that many machines do not ask Azure at the same moment. */
function spreadSeconds(everyMinutes: number): number {
  return Math.min(Math.round(everyMinutes * 6), 600);
}

/** One argument as systemd reads it: in double quotes, with its own specifiers and variables taken literally. */
function argument(value: string): string {
  const literal = escaped(value).replaceAll("$", "$$$$");
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(literal) ? literal : `"${literal.replace(/[\\"]/g, "\\$&")}"`;
}

/** Text without systemd's specifiers (`%h`), which it expands everywhere. */
function escaped(value: string): string {
  return value.replaceAll("%", "%%");
}

function folderOf(file: string): string {
  return file.replace(/\/[^/]*$/, "") || "/";
}

function text(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
