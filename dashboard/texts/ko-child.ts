/** The texts of the page of one child, in Korean. */
import { formatBytes } from "../../shared/format.ts";
import type { child as en } from "./en-child.ts";
import { formatDuration } from "./ko-log.ts";

/** Process states, by the kernel's letter. */
const STATES: { [letter: string]: string } = {
  R: "R (실행 중)",
  S: "S (대기)",
  D: "D (디스크 대기)",
  T: "T (정지됨)",
  t: "t (추적 중)",
  Z: "Z (좀비)",
  I: "I (유휴)",
};

const LIMITS: { [name: string]: string } = {
  "cpu time": "CPU 시간",
  "file size": "파일 크기",
  "data size": "데이터 크기",
  "stack size": "스택 크기",
  "core file size": "코어 파일 크기",
  "resident set": "상주 메모리",
  processes: "프로세스",
  "open files": "열린 파일",
  "locked memory": "잠긴 메모리",
  "address space": "주소 공간",
  "file locks": "파일 잠금",
  "pending signals": "대기 시그널",
  "msgqueue size": "메시지 큐 크기",
  "nice priority": "nice 우선순위",
  "realtime priority": "실시간 우선순위",
  "realtime timeout": "실시간 제한 시간",
};

export const child: typeof en = {
  title: (pid) => `자식 프로세스 ${pid}`,
  back: "모든 자식 프로세스",
  sameSource: (source) => `${source}의 기록`,
  ms: (ms) => `${ms} ms`,
  reasons: { live: "알 수 없음", lost: "유실" },
  gone: "그런 자식 프로세스가 없습니다",
  goneWhy: ({ maxSessions, maxAgeMs }) =>
    `이 페이지는 자식 프로세스가 실행 중일 때, 그리고 종료된 뒤에는 기록에 세션이 남아 있는 동안 볼 수 있습니다. 기록에는 종료된 세션을 최근 ${count(maxSessions)}개까지${maxAgeMs === 0 ? "" : `, ${inDays(maxAgeMs)} 동안`} 보관합니다. 주소가 잘못되었거나 이미 삭제된 세션입니다.`,
  noAnswer: (why) => `기록을 조회할 수 없습니다: ${why}.`,
  writeError: (why) => `현재 기록을 저장하지 못하고 있습니다: ${why}`,

  summary: {
    source: "접속 IP",
    accepted: "접속",
    lasted: "지속 시간",
    age: "경과",
    idle: "유휴",
    requests: "요청",
    in: "수신",
    out: "송신",
    exitStatus: "종료 코드",
    signal: "시그널",
    cpu: "CPU 시간",
    memory: "최대 메모리",
  },

  timeline: {
    title: "타임라인",
    label: "세션 단계별 시간 비율",
    since: "이전 단계 이후",
    total: "접속 이후",
    accepted: "접속 수락",
    serving: "소켓 인계: 서비스 시작",
    firstReply: "첫 응답",
    ended: (reason) => `종료됨: ${reason}`,
    lost: "유실: 마스터가 강제 종료되는 등의 이유로 이후 기록이 없습니다",
    phases: {
      starting: "시작",
      "before a reply": "첫 응답 전",
      serving: "서비스",
    },
  },

  requests: {
    title: "요청과 응답",
    scrollable: "요청 목록, 스크롤 가능",
    none: "아직 없습니다.",
    uncounted: "프로그램과 클라이언트 사이의 통신은 brood를 거치지 않으므로 집계되지 않습니다.",
    unknown: "전체 횟수를 알 수 없습니다.",
    counted: "이 서비스는 요청 횟수만 집계하고 목록은 남기지 않습니다.",
    count: "요청",
    in: "수신 바이트",
    out: "송신 바이트",
    average: (bytesIn, bytesOut) => `평균 수신 ${bytesIn}, 송신 ${bytesOut}.`,
    listed: (listed, all) =>
      listed >= all ? `전체 ${count(all)}건` : `전체 ${count(all)}건 중 최근 ${count(listed)}건`,
    batched: "다른 요청과 함께 보고되어 크기는 합계에만 들어 있습니다",
    time: "시각",
    kind: "종류",
    sizeIn: "수신",
    sizeOut: "송신",
    contents: "내용",
    last: "마지막 요청:",
    show: "내용 보기",
    hide: "내용 숨기기",
    hidden: "클라이언트가 보낸 내용은 보기를 선택할 때까지 숨겨집니다.",
    kinds: {
      time: "time",
      quit: "quit",
      invalid: "잘못된 명령",
      "too-long": "너무 긴 줄",
    },
    entry: (kind, bytesIn, bytesOut) =>
      [
        `요청: ${kind}`,
        ...(bytesIn === null ? [] : [`수신 ${formatBytes(bytesIn)}`]),
        ...(bytesOut === null ? [] : [`송신 ${formatBytes(bytesOut)}`]),
      ].join(", "),
  },

  usage: {
    title: "CPU와 메모리",
    cpu: "CPU",
    memory: "메모리",
    about:
      "자식 프로세스와 모든 하위 프로세스의 합계입니다. 이 페이지가 열려 있는 동안 1초마다 측정하며 최근 5분을 보관합니다.",
    none: "자식 프로세스가 실행되는 동안 이 페이지가 열리지 않아 측정값이 없습니다.",
    table: "표로 보기",
    time: "시각",
  },

  process: {
    title: "프로세스",
    asOf: "마지막으로 확인한 시각:",
    none: "프로세스가 실행되는 동안 이 페이지가 열리지 않았고, 이제는 읽을 정보가 없습니다.",
    command: "명령",
    noCommand: "없음(프로세스가 지웠거나 좀비)",
    cut: "… 외 생략",
    executable: "프로그램",
    directory: "디렉터리",
    user: "사용자",
    state: "상태",
    states: (state) => STATES[state[0] ?? ""] ?? state,
    started: "시작",
    threads: "스레드",
    memory: "메모리",
    memoryOf: (resident, peak, swapped) => `상주 ${resident}, 최대 ${peak}, 스왑 ${swapped}`,
    noMemory: "없음(좀비)",
    switches: "컨텍스트 스위치",
    switchesOf: (voluntary, involuntary) =>
      `자발적 ${count(voluntary)}회, 비자발적 ${count(involuntary)}회`,
    oomScore: "OOM 점수",
    cgroup: "cgroup",
    cgroupOf: (used, limit, processes) =>
      [
        ...(used === null ? [] : [limit === null ? `${used}, 제한 없음` : `${used} / ${limit}`]),
        ...(processes === null ? [] : [`프로세스 ${processes}개`]),
      ].join(", "),
    tree: "프로세스와 하위 프로세스",
    treeMore: (shown) => `처음 ${shown}개 프로세스만 표시합니다.`,
    openFiles: "열린 파일",
    more: (listed) => `처음 ${listed}개 표시`,
    client: (address) => `클라이언트 ${address}`,
    tcp: (local, remote) => `TCP ${local}, 상대 ${remote}`,
    listens: (local) => `TCP ${local}, 대기 중`,
    limits: "제한",
    limit: "항목",
    soft: "소프트",
    hard: "하드",
    unlimited: "무제한",
    limitName: (name) => LIMITS[name] ?? name,
    denied: "권한 없음",
    vanished: "사라짐",
    tooMany: "너무 많아 읽지 않음",
    failed: (code) => `읽을 수 없음(${code})`,
  },

  log: {
    dropped: (n) => `처음과 최근 사이의 항목 ${count(n)}개가 생략되었습니다.`,
  },
};

/** In days from two days on. */
function inDays(ms: number): string {
  const days = ms / 86_400_000;
  return days >= 2 ? `${Math.round(days)}일` : formatDuration(ms);
}

function count(n: number): string {
  return n.toLocaleString("ko");
}
