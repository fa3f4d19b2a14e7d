/** Every text of the page in Korean. */
import type { LimitName, LimitValue } from "../../shared/limits.ts";
import { SIGNALS } from "../../shared/signals.ts";
import type { JobProgress } from "../kill/job.ts";
import type { Texts } from "./en.ts";
import {
  describe,
  describeConfined,
  describeReceipt,
  END_REASONS,
  formatDuration,
  REFUSE_REASONS,
  operatorName,
  describeTargets,
} from "./ko-log.ts";
import { child } from "./ko-child.ts";
import { history } from "./ko-history.ts";

/** Labels of the limits, by flag. */
const LIMITS: Record<LimitName, string> = {
  "max-clients": "최대 클라이언트",
  "max-per-source": "IP당 최대 클라이언트",
  rate: "접속 빈도",
  source: "IP 묶음 단위",
  allow: "허용",
  deny: "차단",
  penalty: "접속 금지 시간",
  refuse: "거부 방식",
  "first-byte-timeout": "첫 바이트 제한 시간",
  "idle-timeout": "유휴 제한 시간",
  "max-session": "최대 세션 시간",
  drain: "접속 정리 시간",
};

export const ko: Texts = {
  nav: {
    label: "페이지",
    tree: "트리·자식",
    charts: "차트",
    history: "기록",
    audit: "감사 로그",
    readOnly: "읽기 전용",
    readOnlyMeans: "모든 내용을 볼 수 있지만 변경할 수는 없습니다.",
  },

  noPage: "페이지를 찾을 수 없습니다",

  refusals: {
    passwordRequired: {
      title: "비밀번호 필요",
      line: "이 페이지에는 비밀번호가 필요합니다",
      advice: "사용자 이름은 무엇이든 괜찮으며, 로그에 작업과 함께 표시됩니다.",
      again: "로그인",
    },
    addressRequired: {
      title: "비밀번호 필요",
      line: "이 페이지에는 비밀번호가 필요합니다",
      advice:
        "서버가 시작할 때 출력한 주소 전체를 여십시오. 물음표 뒷부분에 비밀번호가 들어 있습니다. 이 주소는 서버의 상태 디렉터리(--state)에도 있습니다.",
      again: "로그인",
    },
    tooManyPasswords: {
      title: "잘못된 비밀번호가 너무 많음",
      line: "이 주소에서 잘못된 비밀번호가 너무 많이 입력되었습니다",
      advice: "30초 뒤에 다시 시도하십시오. 그 전에는 올바른 비밀번호도 받아들이지 않습니다.",
      again: "다시 시도",
    },
    watchOnly: {
      title: "읽기 전용",
      line: "볼 수만 있고 변경할 수는 없습니다(읽기 전용)",
      advice: "아무것도 바뀌지 않았습니다. 변경하려면 운영자 비밀번호로 로그인하십시오.",
      again: "페이지로 돌아가기",
    },
    fromChild: {
      title: "클라이언트는 사용할 수 없음",
      line: "이 페이지는 서버 운영자용이며, 클라이언트를 위해 실행된 프로그램은 사용할 수 없습니다",
      advice: "이 컴퓨터의 다른 사용자로 여십시오.",
      again: "페이지로 돌아가기",
    },
    fromOtherUser: {
      title: "다른 사용자는 사용할 수 없음",
      line: "이 페이지는 서버를 시작한 사용자만 사용할 수 있습니다",
      advice:
        "그 사용자나 root로 여십시오. --dashboard-password를 지정하면 다른 사용자도 그 비밀번호로 열 수 있습니다.",
      again: "페이지로 돌아가기",
    },
  },

  time: {
    duration: formatDuration,
    seconds: (count) => `${count}초`,
    minutes: (count) => `${count}분`,
  },

  live: {
    live: "실시간",
    connecting: "연결 중",
    needsScript: ": 실시간 갱신에는 JavaScript가 필요합니다. 새로 고침으로 확인하십시오",
    reconnecting: "다시 연결 중",
    paused: "일시 정지됨",
    ended: "종료됨",
    pause: "일시 정지",
    resume: "계속",
  },

  charts: {
    title: "차트",
    range: "표시 기간",
    ranges: { "5m": "5분", "1h": "1시간", "1d": "1일" },
    states: {
      live: "실시간",
      paused: "일시 정지됨",
      failing: "서버가 응답하지 않아 마지막으로 받은 값을 표시합니다",
    },
    pause: "일시 정지",
    needsScript: "차트를 보려면 JavaScript가 필요합니다. 표에서 같은 값을 볼 수 있습니다.",
    titles: {
      clients: "접속 중인 클라이언트",
      rate: "초당 클라이언트",
      refused: "초당 거부",
      firstReply: "연결 → 첫 응답",
      cpu: "마스터 CPU(코어 1개 기준 %)",
      memory: "마스터 메모리",
      delay: "이벤트 루프 지연",
    },
    lines: {
      live: "접속 중",
      accepted: "수락",
      ended: "종료",
      mean: "평균",
      highest: "최고",
      p50: "p50",
      p99: "p99",
      cpu: "CPU",
      private: "전용",
      resident: "상주",
    },
    noneRefused: "이 기간에 거부된 클라이언트가 없습니다.",
    table: "표",
    caption: (title, step) => `${title}: 최신순, 각 행은 표시된 시각부터 ${step} 동안의 값입니다`,
    steps: { "5m": "10초", "1h": "5분", "1d": "1시간" },
    noPoints: "아직 측정된 값이 없습니다.",
    time: "시각",
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
      `파일 디스크립터가 부족하여 접속 수락을 일시 중지했습니다. ${inSeconds(seconds)} 후 재개합니다.`,
    paused: (by) =>
      `${operatorName(by)} 요청으로 접속 수락을 일시 중지했습니다. 새 클라이언트는 재개할 때까지 대기합니다.`,
    draining: (children, seconds) =>
      `접속을 정리하는 중입니다. 자식 프로세스 ${formatCount(children)}개가 남아 있으며, 서버는 늦어도 ${inSeconds(seconds)} 후 종료됩니다.`,
    stopping: (children) =>
      `서버를 종료하는 중입니다. 자식 프로세스 ${formatCount(children)}개가 남아 있습니다.`,
  },

  tree: {
    title: "트리",
    failed: (message) => `프로세스 트리를 만들 수 없습니다: ${message}`,
    label: "프로세스 트리",
    locked: "포인터를 올려 둔 동안 고정됩니다",
    options: "트리 옵션",
    scope: "프로세스",
    server: "이 서버",
    host: "호스트 전체",
    lines: "선 모양",
    ascii: "ASCII",
    unicode: "유니코드",
    oneByOne: "한 줄에 하나씩",
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
    atLeast: "아직 측정하지 못한 프로세스가 있습니다.",
    moreLines: (count) => `… 그 밖에 ${formatCount(count)}줄`,
  },

  states: {
    starting: "시작 중",
    serving: "서비스 중",
    leaving: "마치는 중",
    stopped: "정지됨",
  },
  endReason: (reason) => END_REASONS[reason],

  children: {
    title: "자식 프로세스",
    scrollable: "자식 프로세스, 스크롤 가능",
    filter: "필터",
    filterHint: "PID, 주소, 명령, 상태",
    apply: "적용",
    locked: "표를 사용하는 동안 순서가 고정됩니다",
    sort: "정렬 기준",
    order: "정렬 순서",
    ascending: "오름차순",
    descending: "내림차순",
    columns: {
      pid: "PID",
      id: "ID",
      client: "클라이언트",
      source: "접속 IP",
      since: "접속 시각",
      reply: "첫 응답",
      idle: "유휴",
      cpu: "CPU",
      memory: "메모리",
      resident: "상주 메모리",
      requests: "요청",
      in: "수신",
      out: "송신",
      command: "마지막 명령",
      state: "상태",
    },
    runs: "실행 중",
    resident: (bytes) => `상주 메모리 ${bytes}`,
    none: "클라이언트가 없습니다. 클라이언트가 접속할 때마다 자식 프로세스가 하나 생기고 여기에 표시됩니다.",
    noMatch: (live, filter) => `자식 프로세스 ${live}개 중 “${filter}”에 맞는 것이 없습니다.`,
  },

  table: {
    pages: "표의 페이지",
    first: "첫 페이지",
    previous: "이전 페이지",
    next: "다음 페이지",
    last: "마지막 페이지",
    range: (from, to, of) => `${formatCount(of)}개 중 ${formatCount(from)}–${formatCount(to)}`,
    columns: "열",
    rows: "페이지당 행 수",
    rate: "갱신 주기",
    every: (seconds) => (seconds === 0 ? "변경될 때마다" : `${seconds}초마다`),
  },

  many: {
    label: "선택한 자식 프로세스",
    selectPage: "이 페이지 모두 선택",
    selectChild: (target) => `선택: ${target}`,
    selectAll: (count) => `${formatCount(count)}개 모두 선택`,
    selectMatching: (count) => `검색된 ${formatCount(count)}개 선택`,
    selectSource: (source) => `${source}의 접속 모두 선택`,
    killSource: (source) => `${source}의 접속 모두 강제 종료…`,
    selected: (count) => `${count}개 선택됨`,
    signal: "시그널",
    kill: (count) => `${count}개 강제 종료…`,
    killSelected: "선택 항목 강제 종료…",
    clear: "선택 해제",
    question: (signal, count) =>
      `자식 프로세스 ${formatCount(count)}개에 ${signal} 시그널을 보낼까요?`,
    send: (signal, count) => `${formatCount(count)}개에 ${signal} 보내기`,
    meanings: {
      TERM: "각 자식 프로세스에 종료를 요청합니다. 클라이언트의 연결이 끊깁니다",
      INT: "Ctrl-C를 누른 것처럼 각 자식 프로세스를 중단합니다. 클라이언트의 연결이 끊깁니다",
      HUP: "각 자식 프로세스에 터미널이 사라졌다고 알립니다. 클라이언트의 연결이 끊깁니다",
      KILL: "상태와 관계없이 각 자식 프로세스를 즉시 강제 종료합니다. 클라이언트의 연결이 끊깁니다",
      STOP: "각 자식 프로세스를 정지합니다. 클라이언트는 CONT를 보낼 때까지 기다립니다",
      CONT: "정지된 자식 프로세스를 다시 실행합니다",
    },
    sources: "접속 IP",
    fromSource: (source, count) => `${source}: ${formatCount(count)}개`,
    otherSources: (sources, count) => `다른 IP ${formatCount(sources)}곳: ${formatCount(count)}개`,
    including: "대상",
    more: (count) => `외 ${formatCount(count)}개`,
    alreadyEnded: (count) => `그중 ${formatCount(count)}개는 이미 종료되었습니다.`,
    thenKill: (seconds) => `${seconds}초 후에도 남아 있는 프로세스에는 KILL 보내기`,
    noneSelected: "선택한 자식 프로세스가 없습니다",
    noneLeft: "모두 이미 종료되었습니다",
    unknownIds: "일부는 이 서버의 자식 프로세스였던 적이 없습니다",
    tooMany: "처리 중인 강제 종료 요청이 너무 많습니다",
    noJob: "그런 강제 종료 요청이 없거나 만료되었습니다",
    title: (signal, count) => `자식 프로세스 ${formatCount(count)}개에 ${signal} 보내기`,
    requestedBy: (by) => `요청: ${operatorName(by)}`,
    selection: describeTargets,
    progress: (signal, progress) => `${signal}: ${describeProgress(progress)}`,
    cancel: "나머지 취소",
    cancelled: (by) => `취소: ${operatorName(by)}.`,
    receipts: "결과 보기",
    slowest: (shown, of) =>
      shown === of ? "" : `${formatCount(of)}개 중 가장 오래 걸린 ${formatCount(shown)}개입니다.`,
    refresh: "새로 고침",
    outcomes: {
      gone: "종료됨",
      "already ended": "이미 종료됨",
      stopped: "정지됨",
      running: "실행 중",
      "still there": "아직 남아 있음",
    },
    sent: "보낸 시그널",
    outcome: "결과",
    after: "걸린 시간",
  },

  keys: {
    title: "키보드 단축키",
    on: "단축키 사용",
    close: "닫기",
    actions: {
      filter: "필터로 이동",
      down: "다음 행",
      up: "이전 행",
      open: "행의 자식 프로세스 열기",
      next: "다음 페이지",
      previous: "이전 페이지",
      select: "행 선택 또는 선택 해제",
      selectTo: "이 행까지 선택 확장",
      kill: "선택 항목 또는 행의 자식 프로세스 강제 종료(먼저 확인)",
      tree: "트리로 이동",
      log: "로그로 이동",
      children: "트리·자식(모든 페이지에서)",
      charts: "차트",
      history: "기록",
      audit: "감사 로그",
      leave: "입력란, 행, 대화 상자에서 나가기",
      help: "이 도움말",
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
    current: "현재 제한",
    name: (flag) => LIMITS[flag],
    value: describeLimit,
    confined: describeConfined,
  },

  refused: {
    label: "거부된 접속",
    none: "거부된 접속이 없습니다.",
    count: (count) => `${formatCount(count)}건을 거부했습니다.`,
    waiting: (count) => `클라이언트 ${formatCount(count)}개가 대기 중입니다.`,
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
    drain: "접속 정리 후 종료…",
    paused: "접속 수락을 일시 중지했습니다. 새 클라이언트는 재개할 때까지 대기합니다.",
    resumed: "다시 접속을 수락합니다.",
    drained: (ms) =>
      `접속을 정리하는 중입니다. 새 접속을 수락하지 않으며, 서버는 늦어도 ${formatDuration(ms)} 후 종료됩니다.`,
    failed: (why) => `처리하지 못했습니다: ${why}.`,
    question: "접속을 정리하고 이 서버를 종료할까요?",
    meaning: (children) =>
      `새 접속을 수락하지 않습니다. ${children === 0 ? "실행 중인 자식 프로세스가 없으므로 서버가 즉시 종료됩니다." : `자식 프로세스 ${formatCount(children)}개는 하던 일을 마칠 수 있으며, 제한 시간이 지나도 남아 있으면 종료됩니다.`} 그런 다음 서버가 종료되고 이 페이지도 함께 닫힙니다.`,
    time: "대기 시간",
    start: "접속 정리 후 서버 종료",
    badTime:
      "시간은 90s, 10m, 2h처럼 입력하며 24h를 넘을 수 없습니다. 아무것도 변경하지 않았습니다",
  },

  log: {
    title: "로그",
    describe,
    receipt: describeReceipt,
  },

  kill: {
    kill: "강제 종료",
    killChild: (target) => `강제 종료: ${target}`,
    otherSignals: (target) => `다른 시그널: ${target}`,
    target: (pid, address) => `PID ${pid}, 클라이언트 ${address}`,
    question: (signal, pid) => `PID ${pid}에 ${signal} 시그널을 보낼까요?`,
    chooseSignal: (pid) => `PID ${pid}에 어떤 시그널을 보낼까요?`,
    meanings: {
      TERM: "자식 프로세스에 종료를 요청합니다. 클라이언트의 연결이 끊깁니다",
      INT: "Ctrl-C를 누른 것처럼 자식 프로세스를 중단합니다. 클라이언트의 연결이 끊깁니다",
      HUP: "자식 프로세스에 터미널이 사라졌다고 알립니다. 클라이언트의 연결이 끊깁니다",
      KILL: "상태와 관계없이 자식 프로세스를 즉시 강제 종료합니다. 클라이언트의 연결이 끊깁니다",
      STOP: "자식 프로세스를 정지합니다. 클라이언트는 CONT를 보낼 때까지 기다립니다",
      CONT: "정지된 자식 프로세스를 다시 실행합니다",
    },
    meaning: (signal, meaning) => `${signal}: ${meaning}.`,
    client: (address, since, command) => [
      "클라이언트: ",
      address,
      ", 접속 시각: ",
      since,
      ...(command === null ? [] : [", 마지막 명령: ", command]),
    ],
    thenKill: (seconds) => `${seconds}초 후에도 남아 있으면 KILL 보내기`,
    cancel: "취소",
    send: (signal, pid) => `PID ${pid}에 ${signal} 보내기`,
    back: "페이지로 돌아가기",
    child: "이 자식 프로세스",
    unknown: "그런 자식 프로세스가 없습니다",
    alreadyEnded: "이 자식 프로세스는 이미 종료되었습니다",
    badSignal: `시그널은 ${SIGNALS.join(", ")} 중 하나여야 합니다`,
    nothingSent: (why) => `${why}. 아무것도 보내지 않았습니다`,
    outcome: (pid, receipt) => `PID ${pid}: ${receipt}`,
    isStopped: ". 정지된 상태이므로 CONT 또는 KILL을 보내십시오",
    noAnswer: "서버가 응답하지 않습니다. 아무것도 보내지 않았습니다.",
    unsure: "서버가 응답하지 않았습니다. 시그널을 보냈는지 확인할 수 없습니다.",
  },

  child,

  history,
};

function describeProgress({ total, waiting, open, outcomes, cancelled }: JobProgress): string {
  const gone = outcomes.gone + outcomes["already ended"];
  const counts: [number, string][] = [
    [gone, "종료됨"],
    [outcomes.stopped, "정지됨"],
    [outcomes.running, "실행 중"],
    [outcomes["still there"], "아직 남아 있음"],
    [open, "결과 대기 중"],
    [waiting, cancelled ? "보내지 않음" : "보낼 예정"],
  ];
  const nonzero = counts.filter(([count]) => count > 0);
  const parts = nonzero.map(([count, what]) => `${formatCount(count)}개 ${what}`);
  return `${formatCount(total)}개 중 ${parts.join(", ")}.`;
}

function inSeconds(count: number): string {
  return count > 60 ? formatDuration(count * 1000) : `${count}초`;
}

function formatCount(count: number): string {
  return count.toLocaleString("ko");
}

function describeLimit(value: LimitValue): string {
  switch (value.kind) {
    case "none":
      return "없음";
    case "all":
      return "모두";
    case "line":
      return "한 줄로 알림";
    case "close":
      return "바로 닫음";
    case "count":
      return formatCount(value.count);
    case "time":
      return formatDuration(value.ms);
    case "rate":
      return `${formatDuration(value.perMs)}에 ${formatCount(value.count)}개`;
    case "source":
      return `/${value.v4}, IPv6는 /${value.v6}`;
    case "networks":
      return value.networks.join(", ");
    case "wait":
      return `${formatDuration(value.ms)} 대기`;
  }
}
