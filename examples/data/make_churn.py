#!/usr/bin/env python3
"""Prints churn.csv: customers of a made-up internet provider, some of whom left. Usage: make_churn.py > churn.csv

No customer is a real one. The odds of leaving are a sum of plain effects (a short contract, many calls, a fee above
what the usage is worth) and a chance that nothing explains, so that a model can be good and never perfect. Only
Random.random() is drawn from: its sequence is the same in every version of Python.
"""

import math
import random

ROWS = 600
PLANS = {"basic": 19.9, "family": 34.9, "fibre": 49.9}
REGIONS = ["coast", "hills", "north", "town"]


def pick(chance, items):
    return items[int(chance.random() * len(items))]


def customer(chance, number):
    plan = pick(chance, list(PLANS))
    months = 1 + int(72 * chance.random() ** 1.5)
    calls = int(-1.4 * math.log(1 - chance.random()))
    usage = round(-90 * math.log(1 - chance.random()) * (2 if plan == "fibre" else 1), 1)
    autopay = chance.random() < 0.6
    fee = round(PLANS[plan] + 8 * chance.random(), 2)
    odds = 0.2 + 0.75 * calls - 0.06 * months - 0.9 * autopay + 0.05 * (fee - 30) - 0.006 * usage
    churned = chance.random() < 1 / (1 + math.exp(-odds))
    shown_usage = "" if chance.random() < 0.05 else usage
    return [number, plan, pick(chance, REGIONS), months, fee, shown_usage, calls, str(autopay).lower(),
            str(churned).lower()]


def main():
    chance = random.Random(20)
    print("customer,plan,region,months,monthly_fee,usage_gb,support_calls,autopay,churned")
    for number in range(1, ROWS + 1):
        print(",".join(str(value) for value in customer(chance, number)))


if __name__ == "__main__":
    main()
