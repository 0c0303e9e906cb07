/**
 * What each reading of each playbook asks: methods of the cluster's port, measures of Prometheus. Written by
 * `MLP_RECORD=1 npx vitest run test/reading-uses.test.ts`. Do not edit.
 */
export const readingUses: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "rollout-stuck": {
    "autoscaler": [
      "autoscaler"
    ],
    "deployment": [
      "deployment"
    ],
    "events": [
      "events"
    ],
    "free room": [
      "nodes",
      "nodeUse",
      "pods"
    ],
    "limit ranges": [
      "limitRanges"
    ],
    "logs": [
      "log"
    ],
    "namespace": [
      "namespace"
    ],
    "node use": [
      "nodeUse"
    ],
    "nodes": [
      "nodes"
    ],
    "pods": [
      "pods"
    ],
    "quotas": [
      "quotas"
    ],
    "references": [
      "presence"
    ],
    "revisions": [
      "revisions"
    ],
    "samples": [
      "pod"
    ],
    "start-up": [
      "pod"
    ],
    "users": [
      "autoscaler",
      "disruptionBudgets",
      "services"
    ]
  },
  "memory-leak": {
    "deployment": [
      "deployment"
    ],
    "events": [
      "events"
    ],
    "free room": [
      "nodes",
      "nodeUse",
      "pods"
    ],
    "in flight over the day": [
      "metrics: in flight"
    ],
    "killed children": [
      "log"
    ],
    "kills": [
      "pod",
      "pods"
    ],
    "kinds of memory": [
      "exec"
    ],
    "limit ranges": [
      "limitRanges"
    ],
    "memory": [
      "metrics: memory rss"
    ],
    "namespace": [
      "namespace"
    ],
    "nodes": [
      "nodes"
    ],
    "pod rows": [
      "pods"
    ],
    "pods": [
      "pods"
    ],
    "queue of the day": [
      "metrics: queue"
    ],
    "quotas": [
      "quotas"
    ],
    "ready pods of the day": [
      "metrics: replicas ready"
    ],
    "references": [
      "presence"
    ],
    "requests of the day": [
      "metrics: requests"
    ],
    "revisions": [
      "revisions"
    ],
    "samples": [
      "pod"
    ],
    "start-up": [
      "pod"
    ],
    "users": [
      "autoscaler",
      "disruptionBudgets",
      "services"
    ],
    "working set": [
      "metrics: memory working set"
    ]
  },
  "inference-errors": {
    "autoscaler": [
      "autoscaler"
    ],
    "client errors": [
      "metrics: client errors"
    ],
    "deployment": [
      "deployment"
    ],
    "ended containers": [
      "pod"
    ],
    "error lines": [
      "log"
    ],
    "errors": [
      "metrics: errors"
    ],
    "errors by pod": [
      "metrics: errors"
    ],
    "events": [
      "events"
    ],
    "free room": [
      "nodes",
      "nodeUse",
      "pods"
    ],
    "GPU errors (XID)": [
      "metrics: gpu xid"
    ],
    "input size": [
      "metrics: input size"
    ],
    "limit ranges": [
      "limitRanges"
    ],
    "lines of the odd pod": [
      "log"
    ],
    "loaded model": [
      "log"
    ],
    "namespace": [
      "namespace"
    ],
    "node pods": [
      "nodes",
      "nodeUse",
      "podsOn"
    ],
    "node use": [
      "nodeUse"
    ],
    "nodes": [
      "nodes"
    ],
    "pod rows": [
      "pods"
    ],
    "pods": [
      "pods"
    ],
    "pods ready over time": [
      "metrics: replicas ready"
    ],
    "quotas": [
      "quotas"
    ],
    "references": [
      "presence"
    ],
    "requests": [
      "metrics: requests"
    ],
    "requests by pod": [
      "metrics: requests"
    ],
    "revisions": [
      "revisions"
    ],
    "samples": [
      "pod"
    ],
    "start-up": [
      "pod"
    ],
    "users": [
      "autoscaler",
      "disruptionBudgets",
      "services"
    ],
    "variables": [
      "variables"
    ]
  },
  "slow-inference": {
    "autoscaler": [
      "autoscaler"
    ],
    "cpu by pod": [
      "metrics: cpu"
    ],
    "cpu throttled": [
      "metrics: cpu throttled"
    ],
    "deployment": [
      "deployment"
    ],
    "free room": [
      "nodes",
      "nodeUse",
      "pods"
    ],
    "gpu busy": [
      "metrics: gpu busy"
    ],
    "gpu memory": [
      "metrics: gpu memory"
    ],
    "in flight": [
      "metrics: in flight"
    ],
    "input size": [
      "metrics: input size"
    ],
    "input size a day before": [
      "metrics: input size"
    ],
    "inside": [
      "exec"
    ],
    "latency": [
      "metrics: latency",
      "metrics: requests"
    ],
    "limit ranges": [
      "limitRanges"
    ],
    "model loads by pod": [
      "metrics: model loads"
    ],
    "namespace": [
      "namespace"
    ],
    "node disk": [
      "metrics: node disk"
    ],
    "node pods": [
      "nodes",
      "nodeUse",
      "podsOn"
    ],
    "node steal": [
      "metrics: node steal"
    ],
    "node use": [
      "nodeUse"
    ],
    "nodes": [
      "nodes"
    ],
    "p95 by pod": [
      "metrics: latency"
    ],
    "pod rows": [
      "pods"
    ],
    "pods": [
      "pods"
    ],
    "queue": [
      "metrics: queue"
    ],
    "quotas": [
      "quotas"
    ],
    "references": [
      "presence"
    ],
    "request logs": [
      "log"
    ],
    "requests of each pod": [
      "metrics: requests"
    ],
    "revisions": [
      "revisions"
    ],
    "samples": [
      "pod"
    ],
    "start-up": [
      "pod"
    ],
    "users": [
      "autoscaler",
      "disruptionBudgets",
      "services"
    ],
    "variables": [
      "variables"
    ]
  },
  "high-cpu": {
    "a day before": [
      "metrics: cpu",
      "metrics: requests"
    ],
    "autoscaler": [
      "autoscaler"
    ],
    "cpu": [
      "metrics: cpu"
    ],
    "cpu throttled": [
      "metrics: cpu throttled"
    ],
    "deployment": [
      "deployment"
    ],
    "free room": [
      "nodes",
      "nodeUse",
      "pods"
    ],
    "inside": [
      "exec"
    ],
    "limit ranges": [
      "limitRanges"
    ],
    "namespace": [
      "namespace"
    ],
    "node load": [
      "metrics: node cpu",
      "metrics: node steal"
    ],
    "node pods": [
      "nodes",
      "nodeUse",
      "podsOn"
    ],
    "nodes": [
      "nodes"
    ],
    "odd pod": [
      "metrics: node steal",
      "nodes"
    ],
    "pod rows": [
      "pods"
    ],
    "pod use": [
      "metrics: cpu"
    ],
    "pods": [
      "pods"
    ],
    "quotas": [
      "quotas"
    ],
    "references": [
      "presence"
    ],
    "requests of each pod now": [
      "metrics: requests"
    ],
    "retries": [
      "log"
    ],
    "revisions": [
      "revisions"
    ],
    "samples": [
      "pod"
    ],
    "start-up": [
      "pod"
    ],
    "traffic": [
      "metrics: errors",
      "metrics: requests"
    ],
    "users": [
      "autoscaler",
      "disruptionBudgets",
      "services"
    ],
    "variables": [
      "variables"
    ]
  },
  "change": {
    "autoscaler": [
      "autoscaler"
    ],
    "container use": [
      "metrics: memory rss",
      "podUse"
    ],
    "deployment": [
      "deployment"
    ],
    "free room": [
      "nodes",
      "nodeUse",
      "pods"
    ],
    "limit ranges": [
      "limitRanges"
    ],
    "namespace": [
      "namespace"
    ],
    "node use": [
      "nodeUse"
    ],
    "nodes": [
      "nodes"
    ],
    "pod rows": [
      "pods"
    ],
    "pods": [
      "pods"
    ],
    "quotas": [
      "quotas"
    ],
    "references": [
      "presence"
    ],
    "revisions": [
      "revisions"
    ],
    "samples": [
      "pod"
    ],
    "start-up": [
      "pod"
    ],
    "users": [
      "autoscaler",
      "disruptionBudgets",
      "services"
    ],
    "variables": [
      "variables"
    ]
  },
  "change-node": {
    "node pods": [
      "nodes",
      "nodeUse",
      "podsOn"
    ],
    "nodes": [
      "nodes"
    ]
  },
  "storm": {
    "changes": [
      "deployment",
      "revisions"
    ],
    "dependencies": [
      "deployments"
    ],
    "deployments": [
      "deployments"
    ],
    "load": [
      "autoscaler",
      "deployments",
      "metrics: requests"
    ],
    "nodes": [
      "nodes"
    ],
    "pods and nodes": [
      "pods"
    ],
    "warnings": [
      "events"
    ]
  },
  "triage": {
    "all pods": [
      "pods"
    ],
    "changes": [
      "deployment",
      "revisions"
    ],
    "deployments": [
      "deployments"
    ],
    "namespace": [
      "namespace"
    ],
    "nodes": [
      "nodes"
    ],
    "other workloads": [
      "workloads"
    ],
    "warnings": [
      "events"
    ]
  }
};
