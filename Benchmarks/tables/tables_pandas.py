"""The same in pandas."""
import sys
import time

import pandas

path, sizes, target = sys.argv[1:]


def timed(name, f):
    start = time.process_time()
    result = f()
    print(name, time.process_time() - start)
    return result


t = timed("read_csv", lambda: pandas.read_csv(path))
by_number = timed("sort by a float", lambda: t.sort_values("score", kind="stable"))
by_text = timed("sort by a text", lambda: t.sort_values("name", kind="stable"))
by_two = timed("sort by two columns", lambda: t.sort_values(["op", "score"], ascending=[True, False], kind="stable"))
few = timed("group into 8", lambda: t.groupby("op", sort=False).agg(score=("score", "mean"), best=("score", "max")).reset_index())
many = timed("group into 100,000", lambda: t.groupby("user", sort=False).agg(score=("score", "mean"), n=("id", "count")).reset_index())
joined = timed("join", lambda: t.merge(pandas.read_csv(sizes), on="user", how="left"))
timed("describe", lambda: t.describe())
timed("filter by a function", lambda: t[[row.score > 0.5 for row in t.itertuples()]])
timed("write_csv", lambda: t.to_csv(target, index=False))
print(f"# {len(t)} {by_number.iloc[0].id} {by_text.iloc[0].id} {by_two.iloc[0].id} {len(few)} {few.sort_values('op').iloc[0].score:.9f} {len(many)} {len(joined)} {int(joined.dropna().weight.sum())}")
