"""Device names: parsing, merging, and the rules by which nested `tf.device` blocks combine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["DeviceSpec", "canonical_device", "merge_device"]


class DeviceSpec:
    """A device name in parts: ``/job:ps/replica:0/task:1/device:GPU:0``; every part may be left open.

    Args:
      job: Name of the job.
      replica, task: Numbers.
      device_type: "CPU", "GPU", ...
      device_index: Number of the device.

    Example:
      >>> DeviceSpec(job="ps", device_type="CPU", device_index=0).to_string()
      '/job:ps/device:CPU:0'
    """

    __slots__ = ("device_index", "device_type", "job", "replica", "task")

    def __init__(
        self, job: str | None = None, replica: int | None = None, task: int | None = None,
        device_type: str | None = None, device_index: int | None = None,
    ) -> None:
        self.job = job
        self.replica = None if replica is None else int(replica)
        self.task = None if task is None else int(task)
        self.device_type = device_type if device_type not in ("cpu", "gpu") else device_type.upper()
        self.device_index = None if device_index is None else int(device_index)

    def parse_from_string(self, spec: str) -> DeviceSpec:
        """Sets the parts from a device name; ValueError if it is none."""
        self.job = self.replica = self.task = self.device_type = self.device_index = None
        for part in spec.split("/"):
            if not part:
                continue
            fields = part.split(":")
            try:
                if len(fields) == 2 and fields[0] == "job":
                    self.job = fields[1]
                    continue
                if len(fields) == 2 and fields[0] in ("replica", "task"):
                    setattr(self, fields[0], int(fields[1]))
                    continue
                named = fields[0] == "device" and len(fields) in (2, 3)
                if named:
                    fields = fields[1:]
                if len(fields) in (1, 2) and (named or fields[0].upper() in ("CPU", "GPU")):
                    if self.device_type is not None:
                        raise ValueError(f"Cannot specify multiple device types: {spec}")
                    self.device_type = fields[0].upper() if fields[0] in ("cpu", "gpu") else fields[0]
                    if len(fields) == 2 and fields[1] != "*":
                        self.device_index = int(fields[1])
                    continue
            except ValueError as error:
                if "multiple" in str(error):
                    raise
            raise ValueError(f"Unknown attribute: '{fields[0]}' in '{spec}'")
        return self

    def merge_from(self, dev: DeviceSpec) -> None:
        """Takes over the parts that `dev` sets."""
        for part in ("job", "replica", "task", "device_type", "device_index"):
            value = getattr(dev, part)
            if value is not None:
                setattr(self, part, value)

    def make_merged_spec(self, dev: DeviceSpec) -> DeviceSpec:
        """A new spec: this one, with the parts that `dev` sets taken over."""
        merged = self.replace()
        merged.merge_from(dev)
        return merged

    def replace(self, **parts: Any) -> DeviceSpec:
        """A new spec: this one, with other values of some parts.

        Example:
          >>> DeviceSpec(job="ps", task=2).replace(task=3).to_string()
          '/job:ps/task:3'
        """
        return DeviceSpec(**{**{part: getattr(self, part) for part in self.__slots__}, **parts})

    def to_string(self) -> str:
        """The name, with the parts that are set."""
        text = ""
        if self.job is not None:
            text += f"/job:{self.job}"
        if self.replica is not None:
            text += f"/replica:{self.replica}"
        if self.task is not None:
            text += f"/task:{self.task}"
        if self.device_type is not None:
            index = "*" if self.device_index is None else str(self.device_index)
            text += f"/device:{self.device_type}:{index}"
        return text

    @staticmethod
    def from_string(spec: str) -> DeviceSpec:
        """Makes a spec from a device name."""
        return DeviceSpec().parse_from_string(spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeviceSpec) and self.to_string() == other.to_string()

    def __hash__(self) -> int:
        return hash(self.to_string())

    def __repr__(self) -> str:
        return f"DeviceSpec({self.to_string()!r})"


def canonical_device(device: Any) -> str:
    """The canonical text of a device given as text, spec or None."""
    if device is None:
        return ""
    if isinstance(device, DeviceSpec):
        return device.to_string()
    return DeviceSpec.from_string(device).to_string()


def merge_device(spec: Any) -> Callable[[Any], str]:
    """A device function that fills in from `spec` what the inner blocks left open."""
    outer = spec if isinstance(spec, DeviceSpec) else DeviceSpec.from_string(spec or "")

    def device_function(node: Any) -> str:
        inner = DeviceSpec.from_string(node.device or "")
        merged = DeviceSpec()
        merged.merge_from(outer)
        merged.merge_from(inner)
        return merged.to_string()

    return device_function
