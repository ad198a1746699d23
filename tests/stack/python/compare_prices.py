"""Compares the shipped price list with what litellm and genai-prices say today. Ends with 1 when anything differs.

The packages are read as data: litellm is not imported. Figures are dollars for a million tokens, in exact fractions.
"""

import datetime
import importlib.util
import json
import pathlib
import sys
from fractions import Fraction

from genai_prices.data import providers

KINDS = ["input", "cached", "cache_write_30m", "cache_write_12h", "output"]
TIERS = ["batch", "flex", "priority", "ultrafast"]
LITELLM = {
    "input": "input_cost_per_token",
    "cached": "cache_read_input_token_cost",
    "cache_write_30m": "cache_creation_input_token_cost",
    "cache_write_12h": "cache_creation_input_token_cost_above_12hr",
    "output": "output_cost_per_token",
}
GENAI = {
    "input": "input_mtok",
    "cached": "cache_read_mtok",
    "cache_write_30m": "cache_write_mtok",
    "output": "output_mtok",
}
LONG = "_above_272k_tokens"
MILLION = 1_000_000


def ours(listed, now):
    """Every figure of the rows that hold now, by model and field."""
    rows, figures = {}, {}
    for row in listed["models"]:
        start = row["valid_from"]
        start = "" if start == "unknown" else start if "T" in start else start + "T00:00:00Z"
        if start <= now and start >= rows.get(row["model"], ("",))[0]:
            rows[row["model"]] = (start, row)
    for model, (_, row) in rows.items():
        prices = {kind: number(row["usd_per_million"].get(kind)) for kind in KINDS}
        for kind, price in prices.items():
            figures[model, kind] = price
        for tier in TIERS:
            factor = number(row["tiers"].get(tier))
            for kind, price in prices.items():
                figures[model, f"{tier} {kind}"] = times(price, factor)
        long = row.get("long_context")
        if isinstance(long, dict):
            for kind, price in prices.items():
                factor = number(long["output" if kind == "output" else "input"])
                figures[model, f"long {kind}"] = times(price, factor)
            figures[model, "long above"] = Fraction(long["above"])
        else:
            figures.update({(model, f"long {kind}"): "none" for kind in KINDS})
            figures[model, "long above"] = "none"
        figures[model, "regional"] = number(row.get("regional"))
        figures[model, "shuts_down"] = row["shuts_down"]
    for tool in listed["tools"]:
        figures["tools", tool["tool"]] = number(tool["usd_per_thousand"])
    for image in listed["images"]:
        for kind in ["input", "output"]:
            figures[image["model"], kind] = number(image["usd_per_million"][kind])
    return figures


def number(text):
    return "unknown" if text in (None, "unknown") else Fraction(text)


def times(one, other):
    return "unknown" if "unknown" in (one, other) else one * other


def litellm(models):
    folder = pathlib.Path(importlib.util.find_spec("litellm").origin).parent
    text = (folder / "model_prices_and_context_window_backup.json").read_text()
    everything = json.loads(text, parse_float=Fraction, parse_int=Fraction)
    figures = {}
    for model in models:
        row = everything.get(model)
        if row is None:
            continue

        def note(field, name):
            if row.get(name) is not None:
                figures[model, field] = row[name] * MILLION

        if "input_cost_per_image_token" in row:
            note("input", "input_cost_per_image_token")
            note("output", "output_cost_per_image_token")
            continue
        for kind, name in LITELLM.items():
            note(kind, name)
            note(f"long {kind}", name + LONG)
            for tier in TIERS:
                note(f"{tier} {kind}", name + ("_batches" if tier == "batch" else f"_{tier}"))
        if row.get("regional_processing_uplift_multiplier_eu") is not None:
            figures[model, "regional"] = row["regional_processing_uplift_multiplier_eu"]
        if row.get("deprecation_date"):
            figures[model, "shuts_down"] = row["deprecation_date"]
        if any(LONG in name for name in row):
            figures[model, "long above"] = Fraction(272_000)
    others = [
        name
        for name, row in everything.items()
        if row.get("litellm_provider") == "openai" and row.get("mode") in ("chat", "responses") and "/" not in name
    ]
    return figures, others


def genai(models, now):
    openai = next(provider for provider in providers if provider.id == "openai")
    figures = {}

    def note(model, prefix, prices):
        for kind, name in GENAI.items():
            price = getattr(prices, name, None)
            if price is None:
                continue
            figures[model, prefix + kind] = Fraction(getattr(price, "base", price))
            tiers = getattr(price, "tiers", None)
            if tiers and not prefix:
                figures[model, f"long {kind}"] = Fraction(tiers[0].price)
                figures[model, "long above"] = Fraction(tiers[0].start)

    for info in openai.models:
        if info.id not in models or "image" in info.id:
            continue
        prices = info.get_prices(now)
        note(info.id, "", prices)
        for tool, name in [("web_search", "web_searches_kcount"), ("file_search", "storage_searches_kcount")]:
            price = getattr(prices, name, None)
            # One model may differ from the others; which one is then of no use to the list.
            if price is not None:
                figures.setdefault(("tools", tool), Fraction(getattr(price, "base", price)))
        for variant in info.price_variants or []:
            start = getattr(variant.constraint, "start_date", None)
            tier = variant.when.get("service_tier")
            if list(variant.when) == ["service_tier"] and tier in TIERS and (start is None or start <= now.date()):
                note(info.id, f"{tier} ", variant.prices)
    return figures


def shown(figure):
    if isinstance(figure, str):
        return figure
    text = f"{float(figure):.6f}".rstrip("0").rstrip(".")
    return text if Fraction(text) == figure else str(figure)


def main():
    listed = json.loads(pathlib.Path(sys.argv[1]).read_text())
    now = datetime.datetime.now(datetime.timezone.utc)
    mine = ours(listed, now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    models = sorted({model for model, _ in mine} - {"tools"})
    of_litellm, others = litellm(models)
    sources = [("litellm", of_litellm), ("genai-prices", genai(models, now))]
    lines, compared = [], 0
    for name, figures in sources:
        for key in sorted(figures):
            theirs, our = figures[key], mine.get(key, "unknown")
            compared += 1
            if theirs != our:
                lines.append((key[0], key[1], shown(our), name, shown(theirs)))
    for name, figures in sources:
        print(f"{name} has nothing on: {', '.join(m for m in models if not any(k[0] == m for k in figures)) or 'none'}")
    print(f"litellm has {len([name for name in others if name not in models])} further models of OpenAI, such as: "
          + ", ".join(sorted((name for name in others if name not in models and name.startswith("gpt-")), reverse=True)[:8]))
    print(f"{compared} figures compared, {len(lines)} differ.")
    if lines:
        table = [("model", "figure", "ours", "source", "theirs"), *sorted(lines)]
        widths = [max(len(row[column]) for row in table) for column in range(5)]
        for row in table:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
