// What benchmarks/load.py asks k6 to do: the empty route first, then the screen, at one rate.
import http from 'k6/http';
import { check } from 'k6';

const PLAN = JSON.parse(open(__ENV.PLAN));
const AT_RATE = {
  executor: 'constant-arrival-rate',
  rate: PLAN.rate,
  timeUnit: '1s',
  preAllocatedVUs: 50,
  maxVUs: 200,
  gracefulStop: '10s',
};

export const options = {
  discardResponseBodies: false,
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max', 'count'],
  scenarios: {
    empty: { ...AT_RATE, exec: 'empty', duration: `${PLAN.emptySeconds}s` },
    screen: {
      ...AT_RATE,
      exec: 'screen',
      duration: `${PLAN.seconds}s`,
      startTime: `${PLAN.emptySeconds + 2}s`,
    },
  },
  // A threshold makes k6 keep a figure of its own for each scenario.
  thresholds: {
    'http_req_duration{scenario:empty}': ['max>=0'],
    'http_req_duration{scenario:screen}': ['max>=0'],
    'checks{scenario:empty}': ['rate>=0'],
    'checks{scenario:screen}': ['rate>=0'],
    'dropped_iterations{scenario:empty}': ['count>=0'],
    'dropped_iterations{scenario:screen}': ['count>=0'],
  },
};

export function empty() {
  const answer = http.post(PLAN.empty, '{}', { headers: { 'content-type': 'application/json' } });
  check(answer, { answered: (got) => got.status === 200 });
}

export function screen() {
  const token = PLAN.tokens[Math.floor(Math.random() * PLAN.tokens.length)];
  const answer = http.post(PLAN.graphql, PLAN.body, {
    headers: {
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
  });
  check(answer, {
    answered: (got) => {
      if (got.status !== 200) {
        console.error(`${got.status} ${got.body}`);
        return false;
      }
      const content = got.json();
      return content.errors === undefined && content.data.viewer.portfolio.holdings.length > 0;
    },
  });
}

export function handleSummary(seen) {
  return { [PLAN.summary]: JSON.stringify(seen.metrics) };
}
