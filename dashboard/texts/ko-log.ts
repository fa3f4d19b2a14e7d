/** The log in Korean: the counterpart of `describe` in shared/describe-log.ts. */
import { formatBytes } from "../../shared/format.ts";
import type {
  ConfinementGap,
  ConfinementSummary,
  Ended,
  LogEvent,
  RequestReport,
} from "../../shared/log.ts";
import type { EndReason, Phase, Receipt, RefuseReason } from "../../shared/outcome.ts";

export const END_REASONS: Record<EndReason | "ended", string> = {
  quit: "quit 명령",
  "client left": "클라이언트가 나감",
  "client reset": "클라이언트가 연결을 재설정함",
  idle: "유휴 시간 초과",
  "no first byte": "첫 바이트 없음",
  "session too long": "세션 시간 초과",
  "ended by service": "서비스가 종료함",
  "service failed": "서비스 오류",
  "program ended": "프로그램 종료",
  "program failed": "프로그램 오류",
  "killed by operator": "운영자가 강제 종료함",
  "killed by signal": "시그널로 강제 종료됨",
  crashed: "비정상 종료",
  stuck: "응답 없음",
  misbehaved: "프로토콜 위반",
  "server stopped": "서버 종료",
  ended: "종료됨",
};

export const REFUSE_REASONS: Record<RefuseReason, string> = {
  "address not allowed": "허용되지 않은 주소",
  "source is penalized": "접속이 일시 차단된 IP",
  "too many new clients from this source": "이 IP의 새 접속이 너무 많음",
  "too many clients from this source": "이 IP의 클라이언트가 너무 많음",
  "too many clients": "클라이언트가 너무 많음",
  "out of descriptors": "파일 디스크립터 부족",
  "no process could be started": "프로세스를 시작할 수 없음",
  "server is stopping": "서버 종료 중",
};

const PHASES: Record<Phase, string> = {
  start: "시작 중",
  "first byte": "첫 바이트 대기 중",
  idle: "유휴",
  session: "세션 진행 중",
  leave: "마치는 중",
};

const OUTCOMES: Record<Receipt["outcome"], string> = {
  gone: "종료됨",
  stopped: "정지됨",
  running: "다시 실행 중",
  "still there": "아직 남아 있음",
};

/** One entry in words, without its time, process and client. */
export function describe(event: LogEvent): string {
  switch (event.event) {
    case "listening":
      return `${event.host} 포트 ${event.port}에서 대기, 마스터 PID ${event.pid}`;
    case "confined":
      return describeConfined(event);
    case "exposed":
      return `공개 범위: ${event.what}, ${event.to}`;
    case "accepted":
      return "클라이언트 접속";
    case "refused": {
      const detail = event.detail === null ? "" : ` (${event.detail})`;
      return `거부: ${REFUSE_REASONS[event.reason]}${detail}`;
    }
    case "refusals not listed":
      return `표시하지 않은 거부 ${formatCount(event.count)}건: ${listRefusals(event.reasons)}`;
    case "spawned":
      return event.spare ? "예비 프로세스에 인계" : "자식 프로세스 생성";
    case "serving":
      return `${event.ms.toFixed(1)} ms 만에 서비스 시작`;
    case "first reply":
      return `${formatDuration(event.ms)} 만에 첫 응답`;
    case "request":
      return describeRequest(event);
    case "requests not listed":
      return `표시하지 않은 요청 ${formatCount(event.count)}건`;
    case "printed":
      return event.text;
    case "lines not listed":
      return `표시하지 않은 줄 ${formatCount(event.count)}개`;
    case "failed":
      return `서비스 오류: ${event.error}`;
    case "overdue":
      return `응답 없음: ${PHASES[event.phase]}, ${formatDuration(event.ms)} 경과`;
    case "signal sent":
      return `${event.signal} 보냄, 요청: ${operatorName(event.by)}`;
    case "signal outcome":
      return `${describeReceipt(event)} (요청: ${operatorName(event.by)})`;
    case "ended":
      return describeEnd(event);
    case "warning":
      return `경고: ${event.message}`;
    case "paused":
      return describePause(event);
    case "resumed": {
      const by = event.by === null ? "" : `, 요청: ${operatorName(event.by)}`;
      return `${formatDuration(event.ms)} 만에 접속 수락 재개${by}`;
    }
    case "kill requested": {
      const target = `자식 프로세스 ${formatCount(event.count)}개(${describeTargets(event.selection)})`;
      return `${target}에 ${event.signal} 보내기 시작, 요청: ${operatorName(event.by)}`;
    }
    case "kill cancelled": {
      const target = `남은 자식 프로세스 ${formatCount(event.count)}개(${describeTargets(event.selection)})`;
      return `${target}에 대한 ${event.signal} 취소, 요청: ${operatorName(event.by)}`;
    }
    case "drain requested":
      return `접속 정리 후 종료 시작(최대 ${formatDuration(event.ms)}), 요청: ${operatorName(event.by)}`;
    case "wrong password":
      return describeWrongPassword(event);
    case "reloaded":
      return `옵션을 다시 읽음: ${event.changed.length === 0 ? "바뀐 것 없음" : event.changed.join(", ")}`;
    case "draining":
      return `접속 정리 중: ${children(event.left)} 남음, 최대 ${formatDuration(event.ms)}`;
    case "stopping":
      return `${event.signal === null ? "" : `${event.signal} 받음, `}${children(event.live)} 종료 중`;
    case "stopped":
      return `서버 종료됨: 클라이언트 ${formatCount(event.accepted)}개 수락, ${formatCount(event.refused)}개 거부`;
  }
}

/** How children were selected; `selection` is in English, as logged. */
export function describeTargets(selection: string): string {
  if (selection === "selected on the page") return "페이지에서 선택";
  if (selection === "by their IDs") return "ID로 지정";
  return selection
    .replace(/^filter (?=")/, "필터 ")
    .replace(/(?<=^|", )source (?=\S+$)/, "접속 IP ");
}

/** `TERM 보냄, 12 ms 후 종료됨`, `TERM 보냄, 이어서 KILL, 5.0초 후 종료됨`, `STOP 보냄, 정지됨`. */
export function describeReceipt({ sent, outcome, ms, leftovers }: Receipt): string {
  const [first, ...more] = sent;
  const signals = [`${first} 보냄`, ...more.map((signal) => `이어서 ${signal}`)].join(", ");
  if (outcome !== "gone" && outcome !== "still there") return `${signals}, ${OUTCOMES[outcome]}`;
  return `${signals}, ${formatDuration(ms)} 후 ${OUTCOMES[outcome]}${describeLeftovers(leftovers)}`;
}

/** `, 남은 프로세스 2개 강제 종료`; 없으면 빈 문자열. */
function describeLeftovers(count = 0): string {
  return count === 0 ? "" : `, 남은 프로세스 ${formatCount(count)}개 강제 종료`;
}

const GAPS: Record<ConfinementGap["what"], string> = {
  IPC: "공유 메모리와 메시지 큐를 남기는 것을 막지 못함",
  privileges: "권한 상승을 막지 못함",
  files: "같은 사용자의 파일 접근을 막지 못함",
  network: "네트워크를 막지 못함",
  page: "이 페이지 접속을 막지 못함",
  ports: "서버와 이 페이지의 포트에서 수신 대기하는 것을 막지 못함",
  processes: "다른 사용자의 프로세스를 보는 것을 막지 못함",
  program: "남이 심어 둔 코드를 불러오는 것을 막지 못함",
  signals: "서버에 시그널을 보내는 것을 막지 못함",
  "system calls": "서로 추적하는 것을 막지 못함",
};

export function describeConfined(confined: ConfinementSummary): string {
  const { user, group, ownUser, noOwnUserReason, directory, umask, maxFiles, cpuSeconds } =
    confined;
  const { maxProcesses, maxFileBytes, memoryBytes, memoryBy, noCgroupReason } = confined;
  const as = ownUser ? `자식마다 고유한 사용자(${user})` : `사용자 ${user}:${group}`;
  const parts = [`자식 프로세스: ${as}, 디렉터리 ${directory}, umask ${umask}`];
  if (noOwnUserReason !== null) parts.push(`사용자 공유: ${noOwnUserReason}`);
  if (maxFiles !== null) parts.push(`파일 ≤ ${maxFiles}`);
  if (cpuSeconds !== null) parts.push(`CPU ≤ ${formatDuration(cpuSeconds * 1000)}`);
  if (maxProcesses !== null) {
    parts.push(`프로세스 ≤ ${maxProcesses}${ownUser ? "" : ", 사용자 공유로 적용 안 됨"}`);
  }
  if (maxFileBytes !== null) parts.push(`파일 크기 ≤ ${formatBytes(maxFileBytes)}`);
  if (memoryBytes !== null) {
    const how = memoryBy === "cgroup" ? "cgroup으로 제한" : `매초 확인(${noCgroupReason})`;
    parts.push(`메모리 ≤ ${formatBytes(memoryBytes)}, ${how}`);
  }
  const { network, writable, newPrivileges, gaps } = confined;
  if (network === "none") parts.push("네트워크 차단");
  if (writable !== null) {
    parts.push(writable.length === 0 ? "파일 쓰기 불가" : `쓰기 가능: ${writable.join(", ")}`);
  }
  if (newPrivileges) parts.push("권한 상승 허용");
  for (const { what, reason } of gaps) parts.push(`${GAPS[what]} (${reason})`);
  return parts.join("; ");
}

/** Formats a duration in its two largest units: `4 ms`, `12.3초`, `3분 5초`, `2시간`, `3일 1시간`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}초`;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes < 60) return `${minutes}분${withUnit(seconds % 60, "초")}`;
  if (hours < 24) return `${hours}시간${withUnit(minutes % 60, "분")}`;
  return `${Math.floor(hours / 24)}일${withUnit(hours % 24, "시간")}`;
}

function withUnit(rest: number, unit: string): string {
  return rest === 0 ? "" : ` ${rest}${unit}`;
}

/** `anna at 127.0.0.1` → `anna (127.0.0.1)`. */
export function operatorName(by: string): string {
  return by.replace(/^operator(?= at )/, "운영자").replace(/^(.*) at (.*)$/, "$1 ($2)");
}

function describeWrongPassword({
  by,
  count,
  ms,
}: Extract<LogEvent, { event: "wrong password" }>): string {
  const wait = ms === 0 ? "" : `, 다음 시도까지 ${formatDuration(ms)} 대기`;
  const times = count === 1 ? "" : ` ${formatCount(count)}회`;
  return `페이지 비밀번호 오류${times}: ${operatorName(by)}${wait}`;
}

function describePause({ ms, by }: Extract<LogEvent, { event: "paused" }>): string {
  const length = ms === null ? "" : ` (${formatDuration(ms)})`;
  const why = by === null ? "파일 디스크립터 부족 (ulimit -n)" : `요청: ${operatorName(by)}`;
  return `접속 수락 일시 중지${length}: ${why}`;
}

function describeRequest({ kind, text }: RequestReport): string {
  switch (kind) {
    case "time":
    case "quit":
      return `요청 ${kind}`;
    case "invalid":
      return `잘못된 명령: ${text}`;
    case "too-long":
      return `너무 긴 줄: ${text}…`;
  }
}

function describeEnd(event: Ended): string {
  const { reason, signal, exitCode, bytesIn, bytesOut } = event;
  const failed = reason === "crashed" || reason === "program failed";
  const how = signal ?? (failed ? `종료 코드 ${exitCode}` : null);
  const why = `${END_REASONS[reason]}${how === null ? "" : ` (${how})`}`;
  const ended = `세션 종료: ${why}, ${formatDuration(event.ms)}`;
  const left = describeLeftovers(event.leftovers);
  if (bytesIn === null || bytesOut === null) return `${ended}${left}`;
  return `${ended}, 수신 ${formatBytes(bytesIn)}, 송신 ${formatBytes(bytesOut)}${left}`;
}

function listRefusals(counts: { [reason: string]: number }): string {
  const names: { [reason: string]: string } = REFUSE_REASONS;
  return Object.entries(counts)
    .map(([reason, count]) => `${names[reason] ?? reason} ${count}건`)
    .join(", ");
}

function children(count: number): string {
  return `자식 프로세스 ${formatCount(count)}개`;
}

function formatCount(count: number): string {
  return count.toLocaleString("ko");
}
