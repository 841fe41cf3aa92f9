/// Made from the files in `scenarios` by `RECORD=1 swift test --filter BuiltInScenarioTests`; not written by hand.
extension BuiltInScenarios {
  static let files: [(name: String, text: String)] = [
    (
      "burst",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "burst",
        "description": "Do short bursts throttle though the average is far below the limit? One second in ten the rate is eight times as high: each shard's bucket holds one second's worth, and the rest is refused.",
        "stream": {
          "shards": 4
        },
        "records": {
          "size": {
            "type": "lognormal",
            "median": "300B",
            "p99": "2KiB",
            "max": "8KiB"
          },
          "key": {
            "type": "uniform",
            "cardinality": 100000
          }
        },
        "batch": {
          "linger": "20ms"
        },
        "client": {
          "producers": 4,
          "connections": 16
        },
        "phases": [
          {
            "name": "warm-up",
            "duration": "5s",
            "rate": 1000,
            "measure": false
          },
          {
            "name": "bursts",
            "duration": "60s",
            "rate": {
              "type": "square",
              "low": 1000,
              "high": 8000,
              "period": "10s",
              "duty": "10%"
            }
          }
        ],
        "thresholds": [
          {
            "metric": "throttle.ratio",
            "max": "25%"
          },
          {
            "metric": "fault.ratio",
            "max": 0
          },
          {
            "metric": "lost.ratio",
            "max": "5%"
          }
        ]
      }

      """#
    ),
    (
      "diurnal",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "diurnal",
        "description": "Does the stream carry a whole day's wave, its peak included? One day in four minutes: mean, amplitude and peak are those of the day.",
        "stream": {
          "shards": 4
        },
        "records": {
          "size": {
            "type": "lognormal",
            "median": "300B",
            "p99": "2KiB",
            "max": "8KiB"
          },
          "key": {
            "type": "zipf",
            "exponent": 0.99,
            "cardinality": 100000
          }
        },
        "batch": {
          "linger": "50ms"
        },
        "client": {
          "producers": 4
        },
        "phases": [
          {
            "name": "day",
            "duration": "4m",
            "rate": {
              "type": "sine",
              "mean": 1200,
              "amplitude": 900,
              "period": "4m"
            },
            "arrivals": "poisson"
          }
        ],
        "thresholds": [
          {
            "metric": "throttle.ratio",
            "max": "5%"
          },
          {
            "metric": "response.p99",
            "max": "500ms"
          },
          {
            "metric": "lost.ratio",
            "max": "5%"
          }
        ]
      }

      """#
    ),
    (
      "explicit-hash-key",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "explicit-hash-key",
        "description": "Does spreading records by explicit hash key balance the shards when all of them have the same partition key? Compare with hot-key, which has the same load.",
        "stream": {
          "shards": 4
        },
        "records": {
          "size": "100B",
          "key": {
            "type": "constant",
            "value": "tenant-1"
          },
          "explicitHashKey": "uniform"
        },
        "batch": {
          "linger": "50ms"
        },
        "phases": [
          {
            "name": "spread",
            "duration": "20s",
            "rate": 2000
          }
        ],
        "thresholds": [
          {
            "metric": "throttle.ratio",
            "max": 0
          },
          {
            "metric": "lost.ratio",
            "max": 0
          }
        ]
      }

      """#
    ),
    (
      "hot-key",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "hot-key",
        "description": "What happens when every record has the same key? One shard gets everything and accepts its full bucket and then 1,000 records/s; the others stay idle, and no number of shards helps.",
        "stream": { "shards": 4 },
        "records": { "size": "100B", "key": { "type": "constant", "value": "tenant-1" } },
        "batch": { "linger": "50ms" },
        "phases": [ { "name": "hot", "duration": "20s", "rate": 2000 } ],
        "thresholds": [
          { "comment": "1,000 burst and 20 x 1,000 of 40,000 records are accepted", "metric": "throttle.ratio", "max": "50%" },
          { "metric": "lost.ratio", "max": "50%" }
        ]
      }

      """#
    ),
    (
      "large-records",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "large-records",
        "description": "How many large records does a shard take? With records of some hundred KiB bytes bind long before the number of records does.",
        "stream": {
          "shards": 4,
          "limits": "large-records"
        },
        "records": {
          "size": {
            "type": "lognormal",
            "median": "200KiB",
            "p99": "1MiB",
            "max": "4MiB"
          },
          "key": {
            "type": "uniform",
            "cardinality": 100000
          }
        },
        "batch": {
          "records": 20,
          "linger": "100ms"
        },
        "client": {
          "connections": 8,
          "timeout": "15s"
        },
        "phases": [
          {
            "name": "large",
            "duration": "30s",
            "rate": {
              "type": "constant",
              "bytes": "3MiB"
            }
          }
        ],
        "thresholds": [
          {
            "metric": "throttle.ratio",
            "max": "10%"
          },
          {
            "metric": "fault.ratio",
            "max": 0
          },
          {
            "metric": "lost.ratio",
            "max": "1%"
          }
        ]
      }

      """#
    ),
    (
      "mixed-events",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "mixed-events",
        "description": "What happens when small frequent events share a stream with rare large ones? The large ones take the bytes, the small ones the records.",
        "stream": {
          "shards": 4
        },
        "records": {
          "mix": [
            {
              "share": "90%",
              "size": "150B",
              "key": {
                "type": "zipf",
                "exponent": 0.9,
                "cardinality": 50000,
                "prefix": "user-"
              },
              "payload": "json"
            },
            {
              "share": "9.9%",
              "size": {
                "type": "lognormal",
                "median": "300B",
                "p99": "2KiB",
                "max": "8KiB"
              },
              "key": {
                "type": "uniform",
                "cardinality": 2000,
                "prefix": "order-"
              },
              "payload": "json"
            },
            {
              "share": "0.1%",
              "size": {
                "type": "uniform",
                "min": "50KiB",
                "max": "200KiB"
              },
              "key": "unique",
              "payload": {
                "type": "text",
                "compressibility": "60%"
              }
            }
          ]
        },
        "batch": {
          "linger": "50ms"
        },
        "client": {
          "producers": 4
        },
        "phases": [
          {
            "name": "warm-up",
            "duration": "5s",
            "rate": 1000,
            "measure": false
          },
          {
            "name": "mixed",
            "duration": "60s",
            "rate": 2000,
            "arrivals": "poisson"
          }
        ],
        "thresholds": [
          {
            "metric": "throttle.ratio",
            "max": "10%"
          },
          {
            "metric": "fault.ratio",
            "max": 0
          },
          {
            "metric": "lost.ratio",
            "max": "1%"
          }
        ]
      }

      """#
    ),
    (
      "noisy-neighbour",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "noisy-neighbour",
        "description": "What do the others notice when one shard is flooded? In the second phase half of the records go to shard 1: compare the response times of the shards.",
        "stream": {
          "shards": 4
        },
        "records": {
          "size": "300B",
          "key": {
            "type": "uniform",
            "cardinality": 100000
          }
        },
        "batch": {
          "linger": "20ms"
        },
        "client": {
          "producers": 4,
          "connections": 16
        },
        "phases": [
          {
            "name": "quiet",
            "duration": "30s",
            "rate": 2000
          },
          {
            "name": "noisy",
            "duration": "30s",
            "rate": 3600,
            "override": {
              "records.key": {
                "type": "shard",
                "shards": [
                  1
                ],
                "share": "50%",
                "cardinality": 10000
              }
            }
          }
        ],
        "thresholds": [
          {
            "metric": "throttle.ratio",
            "phase": "quiet",
            "max": 0
          },
          {
            "metric": "throttle.ratio",
            "phase": "noisy",
            "max": "30%"
          },
          {
            "metric": "fault.ratio",
            "max": 0
          },
          {
            "metric": "lost.ratio",
            "max": "20%"
          }
        ]
      }

      """#
    ),
    (
      "producer-retries",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "producer-retries",
        "description": "How late do records arrive, and how much extra traffic do retries make, when a producer tries failed records again for 30 s as the producer library does?",
        "stream": {
          "shards": 2
        },
        "records": {
          "size": "200B",
          "key": {
            "type": "uniform",
            "cardinality": 100000
          }
        },
        "batch": {
          "linger": "50ms"
        },
        "client": {
          "producers": 4,
          "retry": "until-expired"
        },
        "phases": [
          {
            "name": "below",
            "duration": "20s",
            "rate": 1500
          },
          {
            "name": "above",
            "duration": "20s",
            "rate": 2600
          },
          {
            "name": "recovery",
            "duration": "30s",
            "rate": 1000
          }
        ],
        "thresholds": [
          {
            "metric": "lost.ratio",
            "max": 0
          },
          {
            "metric": "retry.amplification",
            "max": 5
          }
        ]
      }

      """#
    ),
    (
      "quickstart",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "quickstart",
        "description": "What does a small stream do when a few keys are much more popular than the rest? Four shards take 4,000 records/s when the load is even; here one of them gets 45 % of it and throttles from about 2,300 records/s on, while the others have room to spare.",
        "seed": 42,
        "stream": { "name": "orders", "shards": 4 },
        "records": {
          "size": { "type": "lognormal", "median": "300B", "p99": "2KiB", "max": "8KiB" },
          "key": { "type": "zipf", "exponent": 1.1, "cardinality": 1000 }
        },
        "batch": { "records": 250, "linger": "50ms" },
        "client": { "producers": 4, "connections": 8 },
        "phases": [
          { "name": "warm-up", "duration": "2s", "rate": 800, "measure": false },
          { "name": "steady", "duration": "6s", "rate": 1500 },
          { "name": "ramp", "duration": "8s", "rate": { "type": "line", "from": 1500, "to": 4500 } }
        ],
        "thresholds": [
          { "metric": "throttle.ratio", "phase": "steady", "max": 0 },
          { "metric": "throttle.ratio", "max": "15%" },
          { "metric": "accepted.rate", "min": 1500 },
          { "metric": "response.p99", "max": "500ms" },
          { "metric": "lost.ratio", "max": "10%" }
        ],
        "embedded": { "latency": { "type": "lognormal", "median": "8ms", "p99": "25ms" } }
      }

      """#
    ),
    (
      "ramp",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "ramp",
        "description": "At which rate does the stream begin to throttle, and does it slow down before? The rate rises evenly to one and a half times what four shards take.",
        "stream": { "shards": 4 },
        "records": { "size": "200B", "key": { "type": "uniform", "cardinality": 100000 } },
        "batch": { "linger": "20ms" },
        "client": { "producers": 4, "connections": 16 },
        "phases": [
          { "name": "warm-up", "duration": "5s", "rate": 500, "measure": false },
          { "name": "ramp", "duration": "60s", "rate": { "type": "line", "from": 500, "to": 6000 } }
        ],
        "thresholds": [
          { "metric": "throttle.ratio", "max": "20%" },
          { "metric": "fault.ratio", "max": 0 },
          { "metric": "lost.ratio", "max": "15%" }
        ]
      }

      """#
    ),
    (
      "soak",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "soak",
        "description": "Is the endpoint still the same after an hour? A moderate, random load whose hot keys move on every ten minutes.",
        "stream": {
          "shards": 4
        },
        "records": {
          "size": {
            "type": "lognormal",
            "median": "300B",
            "p99": "2KiB",
            "max": "8KiB"
          },
          "key": {
            "type": "drift",
            "cardinality": 100000,
            "hotKeyShare": "1%",
            "hotTrafficShare": "40%",
            "period": "10m"
          }
        },
        "batch": {
          "linger": "50ms"
        },
        "client": {
          "producers": 4
        },
        "phases": [
          {
            "name": "warm-up",
            "duration": "5s",
            "rate": 1000,
            "measure": false
          },
          {
            "name": "soak",
            "duration": "1h",
            "rate": 1500,
            "arrivals": "poisson"
          }
        ],
        "thresholds": [
          {
            "metric": "throttle.ratio",
            "max": "1%"
          },
          {
            "metric": "response.p99",
            "max": "500ms"
          },
          {
            "metric": "fault.ratio",
            "max": "0.1%"
          },
          {
            "metric": "lost.ratio",
            "max": "1%"
          }
        ]
      }

      """#
    ),
    (
      "steady",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "steady",
        "description": "Does the stream carry its everyday load, evenly spread, without throttling and fast enough? The scenario to run before and after every change.",
        "stream": { "shards": 4 },
        "records": { "size": "400B", "key": { "type": "uniform", "cardinality": 100000 } },
        "batch": { "linger": "20ms" },
        "client": { "producers": 4 },
        "phases": [
          { "name": "warm-up", "duration": "5s", "rate": 2000, "measure": false },
          { "name": "steady", "duration": "60s", "rate": 2000 }
        ],
        "thresholds": [
          { "metric": "throttle.ratio", "max": 0 },
          { "metric": "response.p99", "max": "250ms" },
          { "metric": "lateness.p99", "max": "5ms" },
          { "metric": "lost.ratio", "max": 0 }
        ]
      }

      """#
    ),
    (
      "tenants",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "tenants",
        "description": "Which tenant makes which shard hot? Three named tenants have two thirds of the traffic, thousands of small ones share the rest.",
        "stream": {
          "shards": 4
        },
        "records": {
          "size": {
            "type": "lognormal",
            "median": "300B",
            "p99": "2KiB",
            "max": "8KiB"
          },
          "key": {
            "type": "weighted",
            "values": [
              {
                "key": "tenant-acme",
                "share": "35%"
              },
              {
                "key": "tenant-globex",
                "share": "20%"
              },
              {
                "key": "tenant-initech",
                "share": "10%"
              }
            ],
            "rest": {
              "type": "zipf",
              "exponent": 0.8,
              "cardinality": 5000,
              "prefix": "tenant-"
            }
          }
        },
        "batch": {
          "linger": "50ms"
        },
        "client": {
          "producers": 4
        },
        "phases": [
          {
            "name": "warm-up",
            "duration": "5s",
            "rate": 1000,
            "measure": false
          },
          {
            "name": "tenants",
            "duration": "60s",
            "rate": 2400
          }
        ],
        "thresholds": [
          {
            "metric": "throttle.ratio",
            "max": "10%"
          },
          {
            "metric": "lost.ratio",
            "max": "5%"
          }
        ]
      }

      """#
    ),
    (
      "tiny-records",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "tiny-records",
        "description": "What do very small records cost? 1,000 records/s bind while the bytes of a shard are almost unused: the case for packing several events into one record.",
        "stream": {
          "shards": 4
        },
        "records": {
          "size": "20B",
          "key": {
            "type": "uniform",
            "cardinality": 100000
          }
        },
        "batch": {
          "linger": "50ms"
        },
        "client": {
          "producers": 2
        },
        "phases": [
          {
            "name": "warm-up",
            "duration": "5s",
            "rate": 1000,
            "measure": false
          },
          {
            "name": "tiny",
            "duration": "30s",
            "rate": 3500
          }
        ],
        "thresholds": [
          {
            "metric": "throttle.ratio",
            "max": "1%"
          },
          {
            "metric": "lost.ratio",
            "max": "1%"
          }
        ]
      }

      """#
    ),
    (
      "zipf",
      #"""
      {
        "$schema": "./schema/scenario.json",
        "schema": "shardmeter/1",
        "name": "zipf",
        "description": "How unevenly do naturally skewed keys load the shards? At this low rate nothing throttles on any endpoint, so the accepted records per shard can be compared with the plan, one by one.",
        "stream": { "shards": 4 },
        "records": {
          "size": { "type": "lognormal", "median": "300B", "p99": "2KiB", "max": "8KiB" },
          "key": { "type": "zipf", "exponent": 0.99, "cardinality": 1000 }
        },
        "batch": { "records": 100, "linger": "250ms" },
        "client": { "connections": 4, "timeout": "30s" },
        "phases": [ { "name": "zipf", "duration": "30s", "rate": 300 } ],
        "thresholds": [ { "metric": "lost.ratio", "max": 0 } ]
      }

      """#
    ),
  ]
}
