/** All that the page says, in Korean. */
import { SIGNALS } from "../../shared/signals.ts";
import type { Texts } from "./en.ts";
import {
  describe,
  describeConfined,
  describeReceipt,
  END_REASONS,
  formatDuration,
  REFUSE_REASONS,
  whose,
} from "./ko-log.ts";

export const ko: Texts = {
  name: "한국어",

  nav: {
    label: "페이지",
    tree: "트리·자식",
    charts: "차트",
    history: "기록",
    audit: "감사",
  },

  time: {
    duration: formatDuration,
    seconds: (count) => `${count}초`,
    minutes: (count) => `${count}분`,
  },

  live: {
    live: "실시간",
    connecting: "연결 중",
    needsScript: ": JavaScript가 필요합니다. 새 소식은 새로고침으로 확인하십시오",
    reconnecting: "다시 연결 중",
    paused: "일시 정지됨",
    pause: "일시 정지",
    resume: "계속",
  },

  master: {
    title: "마스터",
    pid: (pid) => `PID ${pid}`,
    figures: {
      master: "마스터",
      address: "주소",
      service: "서비스",
      uptime: "가동 시간",
      live: "접속 중",
      spares: "예비",
      peak: "최대",
      total: "누적",
      refused: "거부",
    },
  },

  notice: {
    outOfDescriptors: (seconds) =>
      `접속 수락이 일시 중지되었습니다. 남은 디스크립터가 없습니다. ${seconds}초 후 재개합니다.`,
    paused: (by) =>
      `${whose(by)} 요청으로 접속 수락이 일시 중지되었습니다. 재개할 때까지 클라이언트는 기다립니다.`,
    draining: (children, seconds) =>
      `드레인 중입니다. 자식 프로세스 ${children}개가 남아 있으며 ${seconds}초 후 종료됩니다.`,
    stopping: (children) => `종료 중입니다. 자식 프로세스 ${children}개가 남아 있습니다.`,
  },

  tree: {
    title: "트리",
    label: "프로세스 트리",
    held: "포인터가 있는 동안 고정됩니다",
    options: "트리 보기",
    scope: "프로세스",
    server: "이 서버",
    host: "호스트 전체",
    lines: "선 모양",
    ascii: "아스키",
    unicode: "유니코드",
    oneByOne: "하나씩",
    pids: "PID 표시",
  },

  parts: {
    open: "펼치기",
    openWhat: (name) => `${name} 묶음 펼치기`,
    fold: "접기",
    foldWhat: (name) => `${name} 묶음 접기`,
    next: (count) => `다음 ${count}개`,
    nextOf: (count, name) => `${name} 다음 ${count}개`,
    previous: (count) => `이전 ${count}개`,
    previousOf: (count, name) => `${name} 이전 ${count}개`,
    cpu: "CPU",
    memory: "메모리",
    atLeast: "아직 읽지 못한 프로세스가 있습니다.",
    moreLines: (count) => `… 그 밖에 ${formatCount(count)}줄`,
  },

  states: {
    starting: "시작 중",
    serving: "서비스 중",
    leaving: "나가는 중",
    stopped: "멈춤",
  },
  endReason: (reason) => END_REASONS[reason],

  children: {
    title: "자식 프로세스",
    scrollable: "자식 프로세스, 스크롤 가능",
    filter: "필터",
    filterHint: "PID, 주소, 명령, 상태",
    apply: "적용",
    held: "사용하는 동안 순서가 고정됩니다",
    sort: "정렬 기준",
    order: "정렬 순서",
    ascending: "오름차순",
    descending: "내림차순",
    columns: {
      pid: "PID",
      client: "클라이언트",
      since: "시작",
      idle: "유휴",
      cpu: "CPU",
      memory: "메모리",
      in: "수신",
      out: "송신",
      command: "마지막 명령",
      state: "상태",
    },
    runs: "실행 중",
    resident: (bytes) => `상주 메모리 ${bytes}`,
    none: "클라이언트가 없습니다. 접속하는 클라이언트마다 자식 프로세스가 생기고 여기에 표시됩니다.",
    noMatch: (live, filter) => `자식 프로세스 ${live}개 중 “${filter}”에 맞는 것이 없습니다.`,
    some: (shown, matching, filter) => {
      const which = filter === "" ? "자식 프로세스" : `“${filter}”에 맞는 자식 프로세스`;
      return `${which} ${matching}개 중 ${shown}개입니다. 나머지는 필터로 찾을 수 있습니다.`;
    },
  },

  spares: {
    caption: (ready, wanted) => `예비 프로세스: ${wanted}개 중 ${ready}개 준비됨`,
    listed: (listed, all) => `, ${all}개 중 ${listed}개 표시`,
    states: { starting: "시작 중", ready: "준비됨" },
  },

  rooms: {
    caption: (count) => `대화방: ${count}개`,
    listed: (listed) => `, 참가자가 많은 ${listed}개 표시`,
    room: "대화방",
    members: "참가자",
  },

  limits: {
    title: "제한",
    inForce: "적용 중인 설정",
    name: (flag) => LIMITS[flag] ?? flag,
    value: limitValue,
    confined: describeConfined,
  },

  refused: {
    label: "거부된 접속",
    none: "거부된 접속이 없습니다.",
    count: (count) => `${formatCount(count)}건을 거부했습니다.`,
    waiting: (count) => `클라이언트 ${formatCount(count)}개가 자리를 기다립니다.`,
    reason: "이유",
    refused: "거부",
    last: "마지막 시각",
    lastFrom: "마지막 주소",
    reasons: (reason) => REFUSE_REASONS[reason],
  },

  control: {
    label: "접속 수락",
    pause: "접속 수락 일시 중지",
    resume: "접속 수락 재개",
    drain: "드레인…",
    paused: "접속 수락이 일시 중지되었습니다. 재개할 때까지 클라이언트는 대기합니다.",
    resumed: "다시 접속을 수락합니다.",
    drained: (ms) =>
      `드레인 중입니다. 더는 접속을 수락하지 않으며, 늦어도 ${formatDuration(ms)} 뒤에 서버를 끝냅니다.`,
    failed: (why) => `처리하지 못했습니다: ${why}.`,
    question: "이 서버를 드레인할까요?",
    meaning: (children) =>
      `더는 접속을 수락하지 않습니다. ${children === 0 ? "살아 있는 자식이 없으므로 서버가 바로 끝납니다." : `살아 있는 자식 ${children}개는 하던 일을 마칠 수 있고, 시간이 지나도 남은 자식은 끝냅니다.`} 그런 다음 서버가 끝나며 이 페이지도 함께 닫힙니다.`,
    time: "기다리는 시간",
    start: "드레인하고 서버 끝내기",
    badTime: "시간은 90s, 10m, 2h처럼 적고 24h를 넘을 수 없습니다. 아무 일도 하지 않았습니다",
  },

  log: {
    title: "로그",
    describe,
    receipt: describeReceipt,
  },

  kill: {
    kill: "종료",
    killWhom: (whom) => `종료: ${whom}`,
    signalsForWhom: (whom) => `다른 시그널: ${whom}`,
    whom: (pid, address) => `PID ${pid}, 클라이언트 ${address}`,
    question: (signal, pid) => `PID ${pid}에 ${signal} 시그널을 보낼까요?`,
    which: (pid) => `PID ${pid}에 어떤 시그널을 보낼까요?`,
    meanings: {
      TERM: "자식 프로세스에 종료를 요청합니다. 클라이언트의 연결이 끊깁니다",
      INT: "Ctrl-C처럼 자식 프로세스를 중단합니다. 클라이언트의 연결이 끊깁니다",
      HUP: "자식 프로세스에 터미널이 사라졌다고 알립니다. 클라이언트의 연결이 끊깁니다",
      KILL: "어떤 상태이든 자식 프로세스를 즉시 종료합니다. 클라이언트의 연결이 끊깁니다",
      STOP: "자식 프로세스를 멈춥니다. 클라이언트는 CONT를 보낼 때까지 기다립니다",
      CONT: "멈춘 자식 프로세스를 다시 실행합니다",
    },
    meaning: (signal, meaning) => `${signal}: ${meaning}.`,
    client: (address, since, command) => [
      "클라이언트: ",
      address,
      ", 시작: ",
      since,
      ...(command === null ? [] : [", 마지막 명령: ", command]),
    ],
    thenKill: (seconds) => `${seconds}초 후에도 남아 있으면 KILL 보내기`,
    cancel: "취소",
    send: (signal, pid) => `PID ${pid}에 ${signal} 보내기`,
    back: "페이지로 돌아가기",
    unknown: "그런 자식 프로세스가 없습니다",
    gone: "이 자식 프로세스는 이미 끝났습니다",
    badSignal: `시그널은 ${SIGNALS.join(", ")} 중 하나여야 합니다`,
    nothingSent: (why) => `${why}. 아무것도 보내지 않았습니다`,
    outcome: (pid, receipt) => `PID ${pid}: ${receipt}`,
    isStopped: ". 멈춰 있으니 CONT 또는 KILL을 보내십시오",
    noAnswer: "서버가 응답하지 않습니다. 아무것도 보내지 않았습니다.",
    unsure: "서버가 응답하지 않았습니다. 시그널이 전달되었는지 알 수 없습니다.",
  },
};

function formatCount(count: number): string {
  return count.toLocaleString("ko");
}

/** By their flags' names. */
const LIMITS: { [flag: string]: string } = {
  "max-clients": "최대 클라이언트",
  "max-per-source": "출처별 최대",
  rate: "접속 빈도",
  source: "출처 단위",
  allow: "허용",
  deny: "차단",
  penalty: "접속 금지 시간",
  refuse: "거부 방식",
  "first-byte-timeout": "첫 바이트 제한",
  "idle-timeout": "유휴 제한",
  "max-session": "세션 제한",
  drain: "드레인",
};

const VALUES: { [value: string]: string } = {
  none: "없음",
  all: "모두",
  line: "한 줄로 알림",
  close: "바로 닫음",
};

const UNITS: { [unit: string]: string } = { s: "초", min: "분", h: "시간", d: "일" };

/** The value of a limit: a number, a length of time, networks, or one of a few words. */
function limitValue(value: string): string {
  return (VALUES[value] ?? value)
    .replace(/(\d) (s|min|h|d)\b/g, (_, digit: string, unit: string) => digit + UNITS[unit])
    .replace(/^(\S+) in (.+)$/, "$2에 $1")
    .replace(/^wait (.+)$/, "$1 대기")
    .replace(" of IPv6", " (IPv6)");
}
