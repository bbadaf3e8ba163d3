"""PyTorch and torchvision, driven by the measuring process: one JSON object a line on stdin and stdout.

`--versions` tells what is installed, without loading it; `--probe` loads it and tells what works (for which it starts itself
with `--gpus`); without any of them it serves:

    {"id": 1, "command": "prepare", ...}  ->  {"id": 1, "result": {...}} or {"id": 1, "error": {"code", "message"}}

after a first line {"id": 0, "result": {"pid", "versions", "process"}}. Commands: prepare (build a workload), profiled (what torch.profiler says of a step), load (bring it to
its device), reset_peak, step (one training step, or one inference, of the whole batch), train (a plain loop of
many steps), memory, release. Times are in seconds, memory in bytes.
Works with torch 1.13 and later. Nothing is ever downloaded.
"""
import json, os, sys, threading, time

# Whoever prints, such as a library that warns, must not disturb the lines of the protocol: they go to the log.
ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


def die_with_parent():
    """Linux ends this process with its parent, also in the middle of a call that cannot be interrupted."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL
    except Exception:
        return
    if os.getppid() != parent:
        os._exit(0)


class Failure(Exception):
    """Told to the measuring process, under a code that it knows."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def answer(identity, key, value):
    ANSWERS.write(json.dumps({"id": identity, key: value}) + "\n")
    ANSWERS.flush()


def installed_versions():
    from importlib import metadata

    def version(package):
        try:
            return metadata.version(package)
        except metadata.PackageNotFoundError:
            return None

    return {
        "python": sys.version.split()[0],
        "torch": version("torch"),
        "torchvision": version("torchvision"),
        "cuda": installed_cuda(),
    }


def installed_cuda():
    """The version of CUDA that torch was built with, out of the file in which it says so: loading torch takes seconds."""
    from importlib import util

    try:
        folder = os.path.dirname(util.find_spec("torch").origin)
        values = {}
        with open(os.path.join(folder, "version.py")) as file:
            exec(file.read(), values)
        return values.get("cuda")
    except Exception:
        return None


def loaded_versions():
    return {
        "python": sys.version.split()[0],
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "cuda": torch.version.cuda,
    }


# A driver whose device is lost can hold whoever calls it for ever.
GPU_PATIENCE_SECONDS = 40


def devices():
    """What the network can be computed on, and why it cannot be on others."""
    found = [{"device": "cpu", "name": None, "precisions": ["fp32", "bf16"]}]
    missing = lambda reason: {"devices": found, "unavailable": [{"device": "cuda", "reason": reason}]}
    if torch.version.cuda is None:
        return missing("this torch was built without CUDA: install one that was built with it (https://pytorch.org)")
    import subprocess

    try:
        # In a process of its own: one that crashes or hangs there is no reason to do without the processor.
        ended = subprocess.run(
            [sys.executable, os.path.abspath(__file__), "--gpus"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=GPU_PATIENCE_SECONDS,
        )
        gpus = json.loads(ended.stdout)["result"]
    except subprocess.TimeoutExpired:
        return missing(f"asking for GPUs gave no answer within {GPU_PATIENCE_SECONDS} s")
    except OSError as error:
        return missing(f"asking for GPUs could not be started: {error}")
    except (ValueError, KeyError):
        return missing(f"asking for GPUs ended with code {ended.returncode}: {ended.stderr.decode(errors='replace')[-200:].strip()}")
    return {"devices": found + gpus["devices"], "unavailable": gpus["unavailable"]}


def gpus():
    """A GPU of which the driver tells but on which nothing can be computed is none."""
    if not torch.cuda.is_available():
        try:
            torch.cuda.init()
            reason = "torch.cuda.is_available() says no"
        except Exception as error:
            reason = str(error)
        return {"devices": [], "unavailable": [{"device": "cuda", "reason": reason}]}
    found, unavailable = [], []
    for index in range(torch.cuda.device_count()):
        device = f"cuda:{index}"
        try:
            # A convolution, so that cuDNN is loaded too.
            images, filters = torch.ones(1, 4, 8, 8, device=device), torch.ones(4, 4, 3, 3, device=device)
            if float(torch.nn.functional.conv2d(images, filters).mean()) != 36:
                raise RuntimeError("it computes a wrong convolution")
            major, minor = torch.cuda.get_device_capability(index)
            precisions = ["fp32"] + (["tf32", "bf16"] if major >= 8 else []) + ["fp16"]
            found.append({"device": device, "name": torch.cuda.get_device_name(index), "precisions": precisions})
        except Exception as error:
            unavailable.append({"device": device, "reason": " ".join(str(error).split())[:300]})
    return {"devices": found, "unavailable": unavailable}


# ---- Synthetic data: the rules of bench/reference/torch_reference.py, in pieces that need little memory -------------------

CHUNK = 1 << 20


def name_seed(name, seed):
    h = 0x811C9DC5
    for byte in name.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return (h ^ seed) & 0xFFFFFFFF


def uniform(name, seed, start, count):
    """u(start) to u(start + count - 1) of a name, in double precision."""
    u32 = np.uint32
    offset = (name_seed(name, seed) * 0x9E3779B9 + start) & 0xFFFFFFFF
    x = (np.arange(count, dtype=np.uint64) + np.uint64(offset)).astype(u32)
    with np.errstate(over="ignore"):
        x ^= x >> u32(16)
        x *= u32(0x7FEB352D)
        x ^= x >> u32(15)
        x *= u32(0x846CA68B)
        x ^= x >> u32(16)
    return (x >> u32(8)).astype(np.float64) / 2**24


def filled(name, shape, seed, value_of):
    """A float32 tensor of which each element is `value_of` its fraction."""
    flat = np.empty(int(np.prod(shape)), np.float32)
    for start in range(0, flat.size, CHUNK):
        end = min(flat.size, start + CHUNK)
        flat[start:end] = value_of(uniform(name, seed, start, end - start))
    return torch.from_numpy(flat.reshape(tuple(shape)))


def fill(name, tensor, seed):
    if tensor.dim() >= 2:
        bound = (3 / (tensor.numel() / tensor.shape[0])) ** 0.5
        value_of = lambda u: (2 * u - 1) * bound
    elif name.endswith("running_var") or name.endswith("weight"):
        value_of = lambda u: 0.75 + 0.5 * u
    else:
        value_of = lambda u: 0.1 * (2 * u - 1)
    tensor.copy_(filled(name, tensor.shape, seed, value_of))


def images_of(batch, size, seed):
    height, width = size
    return [filled(f"image.{b}", (3, height, width), seed, lambda u: u) for b in range(batch)]


def objects_of(image, objects, size, seed, with_masks):
    """Boxes, labels from 1 to 90, and masks: pixels whose centre lies in the ellipse inscribed in the box."""
    height, width = size
    boxes, labels = np.zeros((objects, 4)), []
    masks = np.zeros((objects, height, width), np.uint8) if with_masks else None
    for j in range(objects):
        u = uniform(f"target.{image}.{j}", seed, 0, 5)
        w, h = (0.2 + 0.4 * u[0]) * width, (0.2 + 0.4 * u[1]) * height
        x, y = u[2] * (width - w), u[3] * (height - h)
        boxes[j] = x, y, x + w, y + h
        labels.append(1 + int(u[4] * 90))
        if with_masks:
            yy, xx = np.mgrid[0:height, 0:width] + 0.5
            masks[j] = ((xx - x - w / 2) / (w / 2)) ** 2 + ((yy - y - h / 2) / (h / 2)) ** 2 <= 1
    return boxes, labels, masks


# ---- The network ----------------------------------------------------------------------------------------------------


def kind_of(architecture):
    for kind, family in (
        ("detection", torchvision.models.detection),
        ("segmentation", torchvision.models.segmentation),
        ("classification", torchvision.models),
    ):
        if hasattr(family, architecture):
            return kind, getattr(family, architecture)
    raise Failure(
        "architecture-unavailable",
        f"torchvision {torchvision.__version__} has no {architecture}. A later torchvision has, or runtime onnxruntime.",
    )


def build(architecture, options):
    """
    torchvision's own network, with nothing downloaded. weights_backbone "default": what its builder makes when called with
    weights=None alone, which for most detectors is a backbone with frozen norms of which the last stages train.
    """
    from torchvision.models import _api

    kind, builder = kind_of(architecture)
    given = {"weights": None, "num_classes": options["num_classes"]}
    for name in ("min_size", "max_size", "aux_loss"):
        if options[name] is not None:
            given[name] = options[name]
    if kind == "classification":
        return kind, builder(**given)
    if options["weights_backbone"] == "none":
        return kind, builder(**given, weights_backbone=None)
    if options["trainable_backbone_layers"] is not None:
        given["trainable_backbone_layers"] = options["trainable_backbone_layers"]
    load, get = torch.nn.Module.load_state_dict, _api.WeightsEnum.get_state_dict
    torch.nn.Module.load_state_dict = lambda self, *_, **__: None
    _api.WeightsEnum.get_state_dict = lambda self, *_, **__: {}
    try:
        return kind, builder(**given)
    finally:
        torch.nn.Module.load_state_dict, _api.WeightsEnum.get_state_dict = load, get


def fill_network(model, seed):
    with torch.no_grad():
        for name, tensor in list(model.named_parameters()) + list(model.named_buffers()):
            if tensor.is_floating_point():
                fill(name, tensor, seed)


def targets_of(kind, model, workload, size, objects, seed):
    batch, classes = workload["batch_size"], workload["options"]["num_classes"]
    if kind == "detection":
        with_masks = getattr(getattr(model, "roi_heads", None), "mask_predictor", None) is not None
        targets = []
        for b in range(batch):
            boxes, labels, masks = objects_of(b, objects, size, seed, with_masks)
            target = {
                "boxes": torch.from_numpy(boxes).float(),
                # Of the classes behind the background's.
                "labels": torch.tensor([1 + (label - 1) % (classes - 1) for label in labels], dtype=torch.int64),
            }
            if with_masks:
                target["masks"] = torch.from_numpy(masks)
            targets.append(target)
        return targets
    if kind == "classification":
        return torch.tensor([objects_of(b, 1, size, seed, False)[1][0] % classes for b in range(batch)])
    pixels = torch.zeros(batch, *size, dtype=torch.int64)
    for b in range(batch):
        _, labels, masks = objects_of(b, objects, size, seed, True)
        for label, mask in zip(labels, masks):
            pixels[b][torch.from_numpy(mask) > 0] = label % classes
    return pixels


# ---- Planted counts: the rules of src/engine/zoo/detection/planting.ts and rcnn/planting-proposals.ts -----------------------

NO_CANDIDATE, CANDIDATE = -1.0, 0.5
SURVIVING_SHARE, SCORE_SHARE, BOX_SHARE = 0.43, 0.01, 1e-4
JITTER = 0.06


class Counts:
    """What the last run came to, summed over the images of the batch; tensors are read when the step is over."""

    def __init__(self):
        self.positives, self.candidates, self.detections = [], [], []

    def clear(self):
        self.__init__()

    @staticmethod
    def mean(values, images):
        return float(sum(float(value) for value in values)) / images


def group_sizes(candidates, detections, classes, kept, places, limit):
    """Candidates of each group of overlapping boxes, of which non-maximum suppression leaves one each."""
    if candidates > places or detections > candidates:
        raise Failure(
            "counts-out-of-range",
            f"{detections} detections of {candidates} candidates cannot be planted: at most {places} candidates, and no more "
            "detections than candidates",
        )
    groups = detections if detections < limit else max(detections, int(SURVIVING_SHARE * candidates))
    sizes, used, left = [0] * groups, [0] * classes, candidates
    while left > 0:
        before = left
        for group in range(groups):
            if left == 0:
                break
            if used[group % classes] < kept:
                used[group % classes] += 1
                sizes[group] += 1
                left -= 1
        if left == before:
            raise Failure(
                "counts-out-of-range",
                f"{candidates} candidates do not fit into {groups} groups of overlapping boxes: a class holds {kept}",
            )
    return sizes


def lay_out(sizes, classes, image_size):
    """(class from 0, box) of each candidate: groups go to the classes in turn, those of one class lie on a grid over the image."""
    height, width = image_size
    columns = max(1, int(np.ceil(np.sqrt(np.ceil(len(sizes) / classes)))))
    planted = []
    for group, size in enumerate(sizes):
        row, column = divmod(group // classes, columns)
        # A quarter of the cell stays free on each side, so that no two groups are joined.
        x1, y1, x2, y2 = (edge / columns for edge in (column + 0.25, row + 0.25, column + 0.75, row + 0.75))
        planted += [(group % classes, (x1 * width, y1 * height, x2 * width, y2 * height))] * size
    return planted


class PlantedByClass:
    """Scores `[rows, classes]` and boxes `[rows, classes, 4]`, in each class the candidates first."""

    def __init__(self, rows, kept, classes, limit, image_size, counts, device):
        sizes = group_sizes(*counts, classes, kept, classes * kept, limit)
        scores = np.full((rows, classes), NO_CANDIDATE, np.float32)
        boxes = np.zeros((rows, classes, 4), np.float32)
        used = [0] * classes
        for label, box in lay_out(sizes, classes, image_size):
            scores[used[label], label] = CANDIDATE
            boxes[used[label], label] = box
            used[label] += 1
        self.scores, self.boxes = torch.from_numpy(scores).to(device), torch.from_numpy(boxes).to(device)


class PlantedPairs:
    """Scores, boxes and classes of the candidates, in no order of classes."""

    def __init__(self, classes, places, limit, image_size, counts, device):
        sizes = group_sizes(*counts, classes, places, places, limit)
        planted = lay_out(sizes, classes, image_size)
        self.boxes = torch.tensor([box for _, box in planted], dtype=torch.float32).reshape(-1, 4).to(device)
        self.labels = torch.tensor([label for label, _ in planted], dtype=torch.int64).to(device)
        self.scores = torch.full((len(planted),), CANDIDATE).to(device)


def remembered(make):
    """What is planted depends on sizes that stay the same from run to run."""
    known = {}

    def get(*key):
        if key not in known:
            known[key] = make(*key)
        return known[key]

    return get


def best_of(boxes, scores, labels, threshold, limit, counts):
    counts.candidates.append(boxes.shape[0])
    keep = box_ops.batched_nms(boxes, scores, labels, threshold)[:limit]
    counts.detections.append(keep.shape[0])
    return boxes[keep], scores[keep], labels[keep]


def plant_in_regions(model, wanted, counts):
    """torchvision's RoIHeads.postprocess_detections, with what is planted in the place of scores and boxes."""
    heads = model.roi_heads

    def postprocess(class_logits, box_regression, proposals, image_shapes):
        classes = class_logits.shape[-1] - 1
        per_image = [boxes.shape[0] for boxes in proposals]
        all_boxes = heads.box_coder.decode(box_regression, proposals).split(per_image, 0)
        all_scores = torch.nn.functional.softmax(class_logits, -1).split(per_image, 0)
        found = []
        for boxes, scores, shape in zip(all_boxes, all_scores, image_shapes):
            planted = planted_of(boxes.shape[0], classes, tuple(shape), boxes.device)
            boxes = box_ops.clip_boxes_to_image(boxes, shape)
            labels = torch.arange(classes + 1, device=boxes.device).view(1, -1).expand_as(scores)[:, 1:].reshape(-1)
            boxes = (boxes[:, 1:] * BOX_SHARE + planted.boxes).reshape(-1, 4)
            scores = (scores[:, 1:] * SCORE_SHARE + planted.scores).reshape(-1)
            above = torch.where(scores > heads.score_thresh)[0]
            boxes, scores, labels = boxes[above], scores[above], labels[above]
            keep = box_ops.remove_small_boxes(boxes, min_size=1e-2)
            found.append(
                best_of(boxes[keep], scores[keep], labels[keep], heads.nms_thresh, heads.detections_per_img, counts)
            )
        return [[one[part] for one in found] for part in range(3)]

    planted_of = remembered(
        lambda rows, classes, shape, device: PlantedByClass(
            rows, rows, classes, heads.detections_per_img, shape, wanted, device
        )
    )
    heads.postprocess_detections = postprocess


def plant_in_default_boxes(model, wanted, counts):
    """The same of SSD.postprocess_detections."""

    def postprocess(head_outputs, image_anchors, image_shapes):
        all_scores = torch.nn.functional.softmax(head_outputs["cls_logits"], dim=-1)
        detections = []
        for codes, scores, anchors, shape in zip(
            head_outputs["bbox_regression"], all_scores, image_anchors, image_shapes
        ):
            planted = planted_of(scores.shape[0], scores.shape[1] - 1, tuple(shape), scores.device)
            boxes = box_ops.clip_boxes_to_image(model.box_coder.decode_single(codes, anchors), shape) * BOX_SHARE
            scores = scores[:, 1:] * SCORE_SHARE + planted.scores
            parts = []
            for label in range(scores.shape[1]):
                score = scores[:, label]
                above = score > model.score_thresh
                score, box = score[above], boxes[above] + planted.boxes[:, label][above]
                score, best = score.topk(min(score.shape[0], model.topk_candidates))
                parts.append((box[best], score, torch.full_like(score, label + 1, dtype=torch.int64)))
            joined = [torch.cat(part) for part in zip(*parts)]
            found = best_of(*joined, model.nms_thresh, model.detections_per_img, counts)
            detections.append(dict(zip(("boxes", "scores", "labels"), found)))
        return detections

    planted_of = remembered(
        lambda rows, classes, shape, device: PlantedByClass(
            rows, min(rows, model.topk_candidates), classes, model.detections_per_img, shape, wanted, device
        )
    )
    model.postprocess_detections = postprocess


def plant_in_pairs(model, wanted, counts):
    """The same of RetinaNet's and FCOS's postprocess_detections, which differ in their scores and in how they decode."""
    is_fcos = type(model).__name__ == "FCOS"
    decode = model.box_coder.decode if is_fcos else model.box_coder.decode_single

    def postprocess(head_outputs, anchors, image_shapes):
        detections = []
        for index, shape in enumerate(image_shapes):
            found, places = [], 0
            for level, logits in enumerate(part[index] for part in head_outputs["cls_logits"]):
                classes = logits.shape[-1]
                scores = torch.sigmoid(logits)
                if is_fcos:
                    scores = torch.sqrt(scores * torch.sigmoid(head_outputs["bbox_ctrness"][level][index]))
                scores = scores.flatten()
                above = scores > model.score_thresh
                scores, pairs = scores[above], torch.where(above)[0]
                scores, best = scores.topk(min(scores.shape[0], model.topk_candidates))
                rows = torch.div(pairs[best], classes, rounding_mode="floor")
                codes, own = head_outputs["bbox_regression"][level][index], anchors[index][level]
                found.append((box_ops.clip_boxes_to_image(decode(codes[rows], own[rows]), shape), scores))
                places += min(model.topk_candidates, own.shape[0] * classes)
            boxes, scores = (torch.cat(part) for part in zip(*found))
            planted = planted_of(classes, places, tuple(shape), scores.device)
            # What the network found takes part as far as it goes.
            count = min(boxes.shape[0], planted.boxes.shape[0])
            planted_boxes, planted_scores = planted.boxes.clone(), planted.scores.clone()
            planted_boxes[:count] += boxes[:count] * BOX_SHARE
            planted_scores[:count] += scores[:count] * SCORE_SHARE
            best = best_of(
                planted_boxes, planted_scores, planted.labels, model.nms_thresh, model.detections_per_img, counts
            )
            detections.append(dict(zip(("boxes", "scores", "labels"), best)))
        return detections

    planted_of = remembered(
        lambda classes, places, shape, device: PlantedPairs(
            classes, places, model.detections_per_img, shape, wanted, device
        )
    )
    model.postprocess_detections = postprocess


def fill_proposals(rpn):
    """
    As many proposals as there are places for, as a trained network gives: random weights leave fewer, and then the heads
    would have less to do. What is there is repeated.
    """
    filter_own = rpn.filter_proposals

    def filter_proposals(proposals, objectness, image_shapes, anchors_per_level):
        boxes, scores = filter_own(proposals, objectness, image_shapes, anchors_per_level)
        places = min(rpn.post_nms_top_n(), sum(min(rpn.pre_nms_top_n(), count) for count in anchors_per_level))
        for index, (own, (height, width)) in enumerate(zip(boxes, image_shapes)):
            if own.shape[0] == 0:
                own = own.new_tensor([[0.0, 0.0, width, height]])
            if own.shape[0] < places:
                boxes[index] = own[torch.arange(places, device=own.device) % own.shape[0]]
        return boxes, scores

    rpn.filter_proposals = filter_proposals


def plant_proposals(model, positives):
    """As many boxes near the objects as it takes for `positives` of them to train as an object, the objects themselves included."""
    rpn, sampler = model.rpn, model.roi_heads.fg_bg_sampler
    forward = rpn.forward
    sampler.positive_fraction = positives / sampler.batch_size_per_image
    golden = (5**0.5 - 1) / 2

    def forward_planted(images, features, targets=None):
        boxes, losses = forward(images, features, targets)
        for index, (own, target) in enumerate(zip(boxes, targets)):
            objects = target["boxes"]
            count = min(own.shape[0], positives - objects.shape[0])
            if count <= 0 or objects.shape[0] == 0:
                continue
            shifts = torch.tensor(
                [[JITTER * (2 * ((i * golden) % 1) - 1), JITTER * (2 * ((i + 0.5) / count) - 1)] for i in range(count)],
                device=own.device,
            )
            near = objects[torch.arange(count, device=own.device) % objects.shape[0]].to(own.dtype)
            moves = (near[:, 2:] - near[:, :2]) * shifts
            planted = near + torch.cat([moves, moves], 1) + own[:count] * BOX_SHARE
            boxes[index] = torch.cat([planted, own[count:]])
        return boxes, losses

    rpn.forward = forward_planted


def count_positives(model, counts):
    """Boxes that train as an object, wherever the network samples or matches them."""
    if hasattr(model, "roi_heads"):
        select = model.roi_heads.select_training_samples

        def select_counted(proposals, targets):
            sample = select(proposals, targets)
            counts.positives += [(labels > 0).sum() for labels in sample[2]]
            return sample

        model.roi_heads.select_training_samples = select_counted
        return
    # SSD itself compares with its matches; of RetinaNet and FCOS the head does.
    owner = model if type(model).__name__ == "SSD" else model.head
    compute = owner.compute_loss

    def compute_counted(targets, head_outputs, anchors, matched_idxs):
        counts.positives += [(matches >= 0).sum() for matches in matched_idxs]
        return compute(targets, head_outputs, anchors, matched_idxs)

    owner.compute_loss = compute_counted


# ---- A workload -------------------------------------------------------------------------------------------------------

MOMENTUM = 0.9
# At 0 all the arithmetic is done, and nothing moves but the running statistics: with random weights a usual rate soon reaches NaN.
LEARNING_RATE = 0.0
OBJECTS_THAT_COST_NOTHING = 3
LOW = {"bf16": "bfloat16", "fp16": "float16"}


class Workload:
    """
    One workload, from its network to its steps.

    `sampling` "first": as bench/reference/torch_reference.py: samplers take the first candidates, nothing is dropped or planted.
    """

    def __init__(self, given):
        self.given = given
        self.training = given["application_type"] == "training"
        self.device = torch.device(given["device"])
        if self.device.type == "cuda":
            # Else what forgets to say where it computes would make a context on the first GPU too.
            torch.cuda.set_device(self.device)
        self.precision = given["precision"]
        self.is_reference = given["sampling"] == "first"
        self.seed = given["seed"]
        self.counts = Counts()
        torch.set_num_threads(given["threads"])
        torch.manual_seed(self.seed)
        if self.device.type == "cuda":
            torch.cuda.set_device(self.device)
        exact = self.precision != "tf32"
        torch.backends.cuda.matmul.allow_tf32 = not exact
        torch.backends.cudnn.allow_tf32 = not exact
        if self.precision in LOW:
            operators_in_full_precision()
        self.kind, self.model = build(given["architecture"], given["options"])
        self.scaler = None
        if self.precision == "fp16" and self.training:
            amp = getattr(torch, "amp", None)
            self.scaler = amp.GradScaler("cuda") if hasattr(amp, "GradScaler") else torch.cuda.amp.GradScaler()

    def described(self):
        parameters = list(self.model.parameters())
        return {
            "parameters": sum(p.numel() for p in parameters),
            "trainable_parameters": sum(p.numel() for p in parameters if p.requires_grad),
        }

    def load(self):
        given, model = self.given, self.model
        fill_network(model, self.seed)
        model.to(self.device).train(self.training)
        size = tuple(given["image_size"])
        images = [image.to(self.device) for image in images_of(given["batch_size"], size, self.seed)]
        self.images = images if self.kind == "detection" else torch.stack(images)
        self.optimizer, self.targets = None, None
        if self.training:
            wanted = given["objects_per_image"]
            objects = OBJECTS_THAT_COST_NOTHING if wanted is None else wanted
            self.targets = on_device(targets_of(self.kind, model, given, size, objects, self.seed), self.device)
            trained = [p for p in model.parameters() if p.requires_grad]
            self.optimizer = torch.optim.SGD(trained, lr=LEARNING_RATE, momentum=MOMENTUM)
        if self.is_reference:
            for module in model.modules():
                if isinstance(module, (torch.nn.Dropout, torchvision.ops.StochasticDepth)):
                    module.p = 0.0
            torch.randperm = lambda n, **options: torch.arange(n, device=options.get("device"))
        elif self.kind == "detection":
            self.plant()
        if self.kind == "detection" and self.training:
            count_positives(model, self.counts)

    def plant(self):
        given, model = self.given, self.model
        if hasattr(model, "rpn"):
            fill_proposals(model.rpn)
        if self.training:
            if given["positives_per_image"] is not None:
                plant_proposals(model, given["positives_per_image"])
            return
        wanted = (given["candidates_per_image"], given["detections_per_image"])
        if None in wanted:
            return
        if hasattr(model, "roi_heads"):
            plant_in_regions(model, wanted, self.counts)
        elif type(model).__name__ == "SSD":
            plant_in_default_boxes(model, wanted, self.counts)
        else:
            plant_in_pairs(model, wanted, self.counts)

    def step(self):
        self.counts.clear()
        clock = PhaseClock(self.device)
        losses = self.train(clock) if self.training else self.infer(clock)
        return {
            "seconds": self.seconds,
            "phases": clock.phases,
            "losses": losses,
            "reached": self.reached(),
            "process": process_figures(),
        }

    def forward(self):
        low = LOW.get(self.precision)
        if low is None:
            return self.outputs()
        with torch.autocast(self.device.type, dtype=getattr(torch, low)):
            return self.outputs()

    def outputs(self):
        if not self.training:
            return self.model(self.images)
        if self.kind == "detection":
            return self.model(self.images, self.targets)
        answer = self.model(self.images)
        entropy = torch.nn.functional.cross_entropy
        if self.kind == "classification":
            return {"loss": entropy(answer, self.targets)}
        return {name: (0.5 if name == "aux" else 1.0) * entropy(maps, self.targets) for name, maps in answer.items()}

    def train(self, clock):
        losses = self.forward()
        total = sum(losses.values())
        clock.ends("forward")
        self.optimizer.zero_grad(set_to_none=True)
        if self.scaler is None:
            total.backward()
            clock.ends("backward")
            self.optimizer.step()
        else:
            self.scaler.scale(total).backward()
            clock.ends("backward")
            self.scaler.step(self.optimizer)
            self.scaler.update()
        clock.ends("optimizer")
        self.seconds = clock.finish()
        return {name: written(float(loss.detach())) for name, loss in losses.items()}

    def infer(self, clock):
        with torch.inference_mode():
            self.forward()
        clock.ends("forward")
        self.seconds = clock.finish()
        return None

    def train_on(self, steps, batches):
        """A plain loop over batches in memory, as a training script has it: nothing is looked at in between."""
        given, size = self.given, tuple(self.given["image_size"])
        wanted = given["objects_per_image"]
        objects = OBJECTS_THAT_COST_NOTHING if wanted is None else wanted
        held = []
        for number in range(batches):
            images = [image.to(self.device) for image in images_of(given["batch_size"], size, self.seed + number)]
            targets = targets_of(self.kind, self.model, given, size, objects, self.seed + number)
            held.append(
                (images if self.kind == "detection" else torch.stack(images), on_device(targets, self.device))
            )
        clock = PhaseClock(self.device)
        for number in range(steps):
            self.images, self.targets = held[number % batches]
            losses = self.forward()
            self.optimizer.zero_grad(set_to_none=True)
            if self.scaler is None:
                sum(losses.values()).backward()
                self.optimizer.step()
            else:
                self.scaler.scale(sum(losses.values())).backward()
                self.scaler.step(self.optimizer)
                self.scaler.update()
            self.counts.clear()
        clock.ends("training")
        return {"seconds": clock.finish()}

    def profiled(self):
        """Seconds of the GPU's kernels by the phase in which they were launched, by torch.profiler."""
        from torch.profiler import ProfilerActivity, profile, record_function

        class Marks:
            phases = []

            def ends(self, phase):
                self.phases.append(phase)
                with record_function(f"end of {phase}"):
                    pass

            def finish(self):
                torch.cuda.synchronize()

        marks = Marks()
        with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiler:
            self.train(marks) if self.training else self.infer(marks)
        # The backward pass launches from a thread of its own, but only between the marks of the one that waits for it.
        told = [event for event in profiler.events() if event.device_type == torch.autograd.DeviceType.CPU]
        ends = {event.name: event.time_range.end for event in told if event.name.startswith("end of ")}
        seconds = {phase: 0.0 for phase in marks.phases}
        for event in told:
            launched = event.time_range.start
            phase = next((phase for phase in marks.phases if launched <= ends[f"end of {phase}"]), None)
            if phase is not None:
                seconds[phase] += sum(kernel.duration for kernel in event.kernels) / 1e6
        return {"kernel_seconds": seconds}

    def reached(self):
        images, counts = self.given["batch_size"], self.counts
        detects = self.kind == "detection"
        mean = lambda values: counts.mean(values, images) if detects and values else None
        return {
            "objects_per_image": self.given["objects_per_image"] if detects and self.training else None,
            "positives_per_image": mean(counts.positives),
            "candidates_per_image": mean(counts.candidates),
            "detections_per_image": mean(counts.detections),
        }


def written(number):
    """JSON has no number for these; the measuring process knows the words."""
    return number if number == number and abs(number) != float("inf") else str(number)


def on_device(targets, device):
    if isinstance(targets, torch.Tensor):
        return targets.to(device)
    return [{name: tensor.to(device) for name, tensor in target.items()} for target in targets]


def operators_in_full_precision():
    """torchvision's own operators know bfloat16 and float16 on some devices only; autocast gives them float32, as here."""
    from torchvision.ops import boxes, poolers

    nms, roi_align = boxes.nms, poolers.roi_align
    boxes.nms = lambda rows, scores, threshold: nms(rows.float(), scores.float(), threshold)
    poolers.roi_align = lambda maps, rois, *rest, **options: roi_align(maps.float(), rois.float(), *rest, **options)


class PhaseClock:
    """
    Times the phases of a step. A GPU is waited for before the first and after the last phase alone: waiting between them
    would keep it idle while the next one is told, as no training does. There it times their ends itself, by events, and
    they are given as shares of the whole.
    """

    def __init__(self, device):
        self.is_gpu = device.type == "cuda"
        self.device = device
        self.synchronize()
        self.phases = []
        self.begun = self.last = time.perf_counter()
        self.cpu = time.process_time()
        self.events = [self.event()]

    def synchronize(self):
        if self.is_gpu:
            torch.cuda.synchronize(self.device)

    def event(self):
        if not self.is_gpu:
            return None
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def ends(self, phase):
        self.events.append(self.event())
        now, cpu = time.perf_counter(), time.process_time()
        self.phases.append(
            {"phase": phase, "seconds": now - self.last, "cpu_seconds": cpu - self.cpu, "rss_bytes": resident_bytes()}
        )
        # Reading is no part of a phase.
        self.last, self.cpu = time.perf_counter(), time.process_time()

    def finish(self):
        """To be called right after the end of the last phase. Gives the seconds of the whole."""
        if not self.is_gpu:
            return sum(phase["seconds"] for phase in self.phases)
        self.synchronize()
        whole = time.perf_counter() - self.begun
        spans = [begin.elapsed_time(end) for begin, end in zip(self.events, self.events[1:])]
        for phase, span in zip(self.phases, spans):
            phase["seconds"] = whole * span / sum(spans)
        return whole


def resident_bytes():
    try:
        with open("/proc/self/statm", "rb", buffering=0) as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource

        # The highest so far: all that is told here. In bytes on macOS, elsewhere in KiB.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def process_figures():
    return {"rss_bytes": resident_bytes(), "cpu_seconds": time.process_time()}


class Server:
    """The one workload of this process."""

    def __init__(self):
        self.workload = None

    def prepare(self, given):
        self.workload = Workload(given)
        return self.workload.described()

    def load(self, _):
        self.workload.load()
        return {"process": process_figures()}

    def reset_peak(self, _):
        if self.workload.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.workload.device)
        return {"process": process_figures()}

    def step(self, _):
        return self.workload.step()

    def train(self, given):
        return self.workload.train_on(given["steps"], given["batches"])

    def profiled(self, _):
        return self.workload.profiled()

    def memory(self, _):
        """Of a GPU what PyTorch's allocator handed out and what it took from the driver, at most since the reset; null on a CPU."""
        device = self.workload.device
        if device.type != "cuda":
            return {"gpu": None}
        peaks = {
            "allocated_peak_bytes": torch.cuda.max_memory_allocated(device),
            "reserved_peak_bytes": torch.cuda.max_memory_reserved(device),
        }
        return {"gpu": peaks}

    def release(self, _):
        self.workload = None
        return {"process": process_figures()}


def is_out_of_memory(error):
    cuda = getattr(torch.cuda, "OutOfMemoryError", ())
    text = str(error)
    told = ("can't allocate memory", "out of memory", "STATUS_ALLOC_FAILED")
    return isinstance(error, (MemoryError, cuda)) or any(words in text for words in told)


def failure_of(error, given):
    if isinstance(error, Failure):
        return {"code": error.code, "message": str(error)}
    if is_out_of_memory(error):
        return {"code": "out-of-memory", "message": " ".join(str(error).split())[:300]}
    text = str(error)
    if "more than 1 value per channel" in text:
        return {"code": "untrainable", "message": text}
    if "not implemented for" in text and given is not None and given.get("precision") in LOW:
        return {"code": "precision-unsupported", "message": text}
    import traceback

    traceback.print_exc()
    return {"code": "internal", "message": f"{type(error).__name__}: {text}"[:500]}


def serve():
    import queue

    commands = queue.Queue()

    def read():
        # The end of the input comes when the measuring process is gone, whatever is being computed.
        for line in sys.stdin:
            commands.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    server, prepared = Server(), None
    answer(0, "result", {"pid": os.getpid(), "versions": loaded_versions(), "process": process_figures()})
    while True:
        message = json.loads(commands.get())
        if message["command"] == "prepare":
            prepared = message.get("given")
        try:
            result = getattr(server, message["command"])(message.get("given"))
        except Exception as error:
            answer(message["id"], "error", failure_of(error, prepared))
        else:
            answer(message["id"], "result", result)


def main():
    die_with_parent()
    mode = sys.argv[1] if len(sys.argv) > 1 else ""
    if mode == "--versions":
        answer(0, "result", {"versions": installed_versions()})
        return
    global np, torch, torchvision, box_ops
    try:
        import numpy as np
        import torch
        import torchvision
        from torchvision.ops import boxes as box_ops
    except Exception as error:
        answer(0, "error", {"code": "runtime-unavailable", "message": f"{type(error).__name__}: {error}"})
        return
    if mode == "--probe":
        answer(0, "result", {"versions": loaded_versions(), **devices()})
        return
    if mode == "--gpus":
        answer(0, "result", gpus())
        return
    serve()


if __name__ == "__main__":
    main()
