"""Makes the golden values of CocoEvaluatorTest: random objects and detections with the scores of pycocotools 2.0.11
(numpy 2.4.6). Run in this folder: python make_coco_golden.py

Coordinates and scores are multiples of powers of two, so that IoUs and scores tie and are the same numbers in float.
COCOeval forgets the flag "ignore", which stands for difficult objects here; Honest keeps it.
"""
import contextlib
import io
import json
import random

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


class Honest(COCOeval):
    def _prepare(self):
        super()._prepare()
        for objects in self._gts.values():
            for o in objects:
                o["ignore"] = o["iscrowd"] or o["difficult"]


def case(seed, images, classes, most_objects, most_found):
    r = random.Random(seed)
    truth, found = [], []
    for image in range(images):
        for _ in range(r.randrange(most_objects + 1)):
            side = r.choice([12, 24, 32, 60, 96, 160])
            w, h = side * r.choice([1, 1, 2]), side
            kind = r.choices(["OBJECT", "DIFFICULT", "CROWD"], [8, 1, 1])[0]
            area = r.choice([w * h, w * h, w * h / 2, 1024, 9216])
            truth.append([image, r.randrange(classes), kind, r.randrange(64) * 4, r.randrange(64) * 4, w, h, area])
        here = [t for t in truth if t[0] == image]
        for _ in range(r.randint(most_found // 2, most_found)):
            label = r.randrange(classes)
            if here and r.random() < 0.7:
                _, l, _, x, y, w, h, _ = r.choice(here)
                label = l if r.random() < 0.85 else label
                shift = r.choice([0, 0, 1, 2, 4])
                box = [x + r.randint(-shift, shift), y + r.randint(-shift, shift), w + r.randint(0, shift),
                       h + r.randint(0, shift)]
            else:
                box = [r.randrange(256), r.randrange(256), r.choice([8, 32, 96, 128]), r.choice([16, 32, 96])]
            found.append([image, label, r.randrange(33) / 32, *box])
    return truth, found


def scores(truth, found, images, classes):
    coco = COCO()
    coco.dataset = {
        "images": [{"id": i} for i in range(images)],
        "categories": [{"id": c} for c in range(classes)],
        "annotations": [{"id": n + 1, "image_id": t[0], "category_id": t[1], "iscrowd": int(t[2] == "CROWD"),
                         "difficult": int(t[2] == "DIFFICULT"), "bbox": t[3:7], "area": t[7]}
                        for n, t in enumerate(truth)]}
    coco.createIndex()
    detections = coco.loadRes([{"image_id": f[0], "category_id": f[1], "score": f[2], "bbox": f[3:]} for f in found])
    e = Honest(coco, detections, "bbox")
    e.evaluate()
    e.accumulate()
    e.summarize()
    precision = e.eval["precision"][:, :, :, 0, 2]
    return {"stats": [round(float(s), 12) for s in e.stats],
            "ap": [round(float(precision[:, :, c].mean()), 12) for c in range(classes)],
            "ap50": [round(float(precision[0, :, c].mean()), 12) for c in range(classes)],
            "precision75": [round(float(p), 12) for p in precision[5, ::10, 0]],
            "score75": [float(s) for s in e.eval["scores"][5, ::10, 0, 0, 2]]}


cases = []
for seed, images, classes, most_objects, most_found in [
        (1, 12, 3, 6, 14), (2, 8, 2, 3, 9), (3, 5, 4, 2, 6), (4, 1, 1, 9, 150), (5, 20, 2, 5, 8), (6, 3, 3, 0, 4),
        (7, 4, 1, 30, 40)]:
    truth, found = case(seed, images, classes, most_objects, most_found)
    with contextlib.redirect_stdout(io.StringIO()):
        expected = scores(truth, found, images, classes)
    cases.append({"images": images, "classes": classes, "truth": truth, "found": found, **expected})
with open("../resources/golden/coco-scores.json", "w") as f:
    f.write('{"cases": [\n' + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]}\n")
