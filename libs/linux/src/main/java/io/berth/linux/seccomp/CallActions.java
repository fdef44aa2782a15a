package io.berth.linux.seccomp;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What happens to the calls of one architecture, by number (unsigned). Filled, then read; for one thread. */
final class CallActions {
    /** Behind the last number there can be. */
    static final int END = -1;

    private final SeccompAction defaultAction;
    /** Verdict of single numbers. */
    private final TreeMap<Integer, Verdict> calls = new TreeMap<>(Integer::compareUnsigned);
    /** Where another verdict begins for numbers without one of their own. */
    private final TreeMap<Integer, Verdict> background = new TreeMap<>(Integer::compareUnsigned);

    CallActions(SeccompAction defaultAction) {
        this.defaultAction = defaultAction;
        background.put(0, new Verdict(List.of(), defaultAction));
    }

    /**
     * Adds a rule: an action when one of the alternatives holds.
     *
     * @param alternatives each a list of conditions that must all hold; an empty one always holds
     */
    void add(int number, List<List<Condition>> alternatives, SeccompAction action) {
        Verdict verdict = calls.getOrDefault(number, new Verdict(List.of(), null));
        for (List<Condition> alternative : alternatives) {
            verdict = verdict.plus(alternative, action);
        }
        calls.put(number, verdict);
    }

    /** The verdict for numbers without a rule in a range. */
    void unknown(int from, int to, SeccompAction action) {
        background.put(from, new Verdict(List.of(), action));
        if (to != END) {
            background.put(to, new Verdict(List.of(), defaultAction));
        }
    }

    /** From a number up, only this happens. */
    void from(int start, SeccompAction action) {
        calls.tailMap(start, true).clear();
        background.tailMap(start, true).clear();
        background.put(start, new Verdict(List.of(), action));
    }

    /** From a number up, what others say. */
    void from(int start, CallActions others) {
        calls.tailMap(start, true).clear();
        background.tailMap(start, true).clear();
        calls.putAll(others.calls.tailMap(start, true));
        background.put(start, others.background.floorEntry(start).getValue());
        background.putAll(others.background.tailMap(start, false));
    }

    /** Ranges of numbers by their start, neighbours different; the first starts at 0. */
    SortedMap<Integer, Verdict> ranges() {
        TreeMap<Integer, Verdict> points = new TreeMap<>(Comparator.comparingLong(Integer::toUnsignedLong));
        points.putAll(background);
        calls.forEach((number, verdict) -> {
            points.put(number, verdict.orElse(defaultAction));
            int next = number + 1;
            if (!calls.containsKey(next)) {
                points.putIfAbsent(next, background.floorEntry(next).getValue());
            }
        });
        TreeMap<Integer, Verdict> ranges = new TreeMap<>(points.comparator());
        Verdict last = null;
        for (var point : points.entrySet()) {
            if (!point.getValue().equals(last)) {
                ranges.put(point.getKey(), point.getValue());
                last = point.getValue();
            }
        }
        return ranges;
    }

    /**
     * What happens to a call.
     *
     * @param cases in order; the first whose conditions all hold decides
     * @param otherwise when none does; null while no rule without conditions has been seen
     */
    record Verdict(List<Case> cases, @Nullable SeccompAction otherwise) {
        Verdict {
            cases = List.copyOf(cases);
        }

        Verdict plus(List<Condition> conditions, SeccompAction action) {
            if (conditions.isEmpty()) {
                return otherwise == null ? new Verdict(cases, action) : this;
            }
            List<Case> more = new ArrayList<>(cases);
            more.add(new Case(conditions, action));
            return new Verdict(more, otherwise);
        }

        Verdict orElse(SeccompAction action) {
            SeccompAction last = otherwise == null ? action : otherwise;
            // Cases that end like the rest decide nothing when they are the last ones.
            int needed = cases.size();
            while (needed > 0 && cases.get(needed - 1).action().equals(last)) {
                needed--;
            }
            return new Verdict(cases.subList(0, needed), last);
        }

        List<BpfInstruction> compile() {
            List<BpfInstruction> code = new ArrayList<>();
            cases.forEach(each -> code.addAll(each.compile()));
            if (otherwise == null) {
                throw new IllegalStateException("verdict without an end");
            }
            code.add(BpfInstruction.returning(otherwise));
            return code;
        }
    }

    /** An action and the conditions that must all hold for it. */
    record Case(List<Condition> conditions, SeccompAction action) {
        Case {
            conditions = List.copyOf(conditions);
        }

        List<BpfInstruction> compile() {
            List<List<Condition.Step>> steps =
                    conditions.stream().map(Condition::compile).toList();
            int total = steps.stream().mapToInt(List::size).sum();
            List<BpfInstruction> code = new ArrayList<>(total + 1);
            int done = 0;
            for (List<Condition.Step> condition : steps) {
                int pass = done + condition.size();
                for (Condition.Step step : condition) {
                    int next = code.size() + 1;
                    code.add(new BpfInstruction(
                            step.code(),
                            skip(step.ifTrue(), next, pass, total + 1),
                            skip(step.ifFalse(), next, pass, total + 1),
                            step.operand()));
                }
                done = pass;
            }
            code.add(BpfInstruction.returning(action));
            return code;
        }

        private static int skip(int target, int next, int pass, int fail) {
            return switch (target) {
                case Condition.Step.PASS -> pass - next;
                case Condition.Step.FAIL -> fail - next;
                default -> 0;
            };
        }
    }
}
