package io.bitlab.core.memory;

import io.bitlab.core.parallel.Parallel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.function.IntFunction;

/**
 * A reusable pool of arrays for one computation at a time, so that a warm loop allocates nothing.
 *
 * {@snippet class="io.bitlab.core.snippets.MemorySnippets" region="scratch"}
 *
 * <p>While a workspace is bound by {@link #run} or {@link #call}, the static methods {@link #floats}, {@link #bytes},
 * {@link #shorts} and {@link #ints} take arrays from it, and so do all operations of the library. {@link #reset}
 * recycles all of these arrays: tensors made before then throw when their data is read, so copy what must outlive the
 * reset ({@code Tensor.toArray()}). With no workspace bound, the same methods allocate ordinary arrays.
 *
 * <p>Arrays are kept by exact length. Those of a length that goes unused for {@value #KEEP_RESETS} resets are released
 * to the garbage collector, and so are those beyond the most that were in use at once during as many resets. So the
 * memory of a computation whose sizes change does not grow without bound.
 *
 * <p><b>Thread safety:</b> a workspace belongs to one thread at a time; binding one that another thread has bound
 * throws.
 */
public final class Workspace {

    /** Resets that an unused array length survives. */
    private static final int KEEP_RESETS = 8;
    /** Elements that a thread sets to zero at a time, and roughly what one costs. */
    private static final int ZEROS = 1024;
    private static final double NANOS_PER_ZERO = 0.1;

    private static final ScopedValue<Workspace> BOUND = ScopedValue.newInstance();

    private final Shelves<float[]> floats = new Shelves<>(float[]::new, Float.BYTES);
    private final Shelves<byte[]> bytes = new Shelves<>(byte[]::new, Byte.BYTES);
    private final Shelves<short[]> shorts = new Shelves<>(short[]::new, Short.BYTES);
    private final Shelves<int[]> ints = new Shelves<>(int[]::new, Integer.BYTES);
    private final Workspace outer; // that this one is the inner of; or null
    private Workspace inner; // or null
    private Thread user;
    private int epoch;

    /** Creates an empty workspace; arrays are allocated when they are first needed. */
    public Workspace() {
        this(null);
    }

    private Workspace(Workspace outer) {
        this.outer = outer;
    }

    /**
     * The workspace bound in the calling code.
     *
     * @return the innermost bound workspace, or {@code null} if there is none, or a forked thread merely inherited it:
     *     results are ordinary arrays then
     */
    public static Workspace current() {
        Workspace bound = BOUND.isBound() ? BOUND.get() : null;
        return bound != null && bound.user == Thread.currentThread() ? bound : null; // a forked thread inherits it
    }

    /**
     * An array for results or scratch data, from the bound workspace if there is one.
     *
     * @param length number of elements
     * @return an array of exactly this length, with undefined contents: write every element before reading it
     */
    public static float[] floats(int length) {
        Workspace bound = current();
        return bound == null ? new float[length] : bound.floats.take(length);
    }

    /**
     * Gives scratch data back before the next {@link #reset}, so that a computation of many parts needs the memory of
     * one.
     *
     * @param scratch an array from {@link #floats} in the same epoch, which nothing refers to any more
     */
    public static void giveBack(float[] scratch) {
        Workspace bound = current();
        if (bound != null) {
            bound.floats.giveBack(scratch, scratch.length);
        }
    }

    /**
     * Gives scratch data back, see {@link #giveBack(float[])}.
     *
     * @param scratch an array from {@link #shorts} in the same epoch, which nothing refers to any more
     */
    public static void giveBack(short[] scratch) {
        Workspace bound = current();
        if (bound != null) {
            bound.shorts.giveBack(scratch, scratch.length);
        }
    }

    /**
     * An array for results or scratch data, see {@link #floats}.
     *
     * @param length number of elements
     * @return an array of exactly this length with undefined contents
     */
    public static byte[] bytes(int length) {
        Workspace bound = current();
        return bound == null ? new byte[length] : bound.bytes.take(length);
    }

    /**
     * An array for results or scratch data, see {@link #floats}.
     *
     * @param length number of elements
     * @return an array of exactly this length with undefined contents
     */
    public static short[] shorts(int length) {
        Workspace bound = current();
        return bound == null ? new short[length] : bound.shorts.take(length);
    }

    /**
     * An array for results or scratch data, see {@link #floats}.
     *
     * @param length number of elements
     * @return an array of exactly this length with undefined contents
     */
    public static int[] ints(int length) {
        Workspace bound = current();
        return bound == null ? new int[length] : bound.ints.take(length);
    }

    /**
     * An array of zeros, see {@link #floats}.
     *
     * @param length number of elements
     * @return an array of exactly this length, every element 0
     */
    public static float[] zeros(int length) {
        float[] array = floats(length);
        if (current() != null) {
            Parallel.current().forRange(length, ZEROS, (long) (NANOS_PER_ZERO * length),
                    (from, to) -> Arrays.fill(array, from, to, 0f));
        }
        return array;
    }

    /**
     * A workspace within this one, for what is recycled more often. Its unused arrays are released by the resets of
     * this one.
     *
     * @return always the same; null while it is bound, and so in use
     */
    public synchronized Workspace inner() {
        if (inner == null) {
            inner = new Workspace(this);
        }
        return inner.user == null ? inner : null;
    }

    /**
     * Runs an action with this workspace bound.
     *
     * @param action the action; runs in the calling thread
     * @throws IllegalStateException if another thread has this workspace bound
     */
    public void run(Runnable action) {
        call(() -> {
            action.run();
            return null;
        });
    }

    /**
     * Calls a computation with this workspace bound.
     *
     * @param <T> type of the result
     * @param <X> type of exception that the computation may throw
     * @param computation the computation; a tensor that it returns is valid until {@link #reset}
     * @return the computation's result
     * @throws X what the computation throws
     * @throws IllegalStateException if another thread has this workspace bound
     */
    public <T, X extends Throwable> T call(ScopedValue.CallableOp<? extends T, X> computation) throws X {
        Thread previous = enter();
        try {
            return ScopedValue.where(BOUND, this).<T, X>call(computation);
        } finally {
            leave(previous);
        }
    }

    private synchronized Thread enter() {
        requireUnusedByOthers();
        Thread previous = user;
        user = Thread.currentThread();
        return previous;
    }

    private void requireUnusedByOthers() {
        Thread caller = Thread.currentThread();
        if (user != null && user != caller) {
            throw new IllegalStateException("Workspace: thread '" + user.getName() + "' is using it and thread '"
                    + caller.getName() + "' wants to; give each thread its own workspace");
        }
    }

    private synchronized void leave(Thread previous) {
        user = previous;
    }

    /**
     * Makes all arrays available again; reading the data of a tensor that holds one throws from now on.
     *
     * @throws IllegalStateException if another thread has this workspace bound
     */
    public synchronized void reset() {
        requireUnusedByOthers();
        recycle();
        if (outer == null) {
            releaseUnused();
        }
    }

    private void recycle() {
        epoch++;
        floats.recycle();
        bytes.recycle();
        shorts.recycle();
        ints.recycle();
    }

    private void releaseUnused() {
        floats.releaseUnused();
        bytes.releaseUnused();
        shorts.releaseUnused();
        ints.releaseUnused();
        if (inner != null) {
            inner.releaseUnused();
        }
    }

    /**
     * The number of resets so far, by which a tensor notices that its array was recycled.
     *
     * @return 0 or more
     */
    public int epoch() {
        return epoch;
    }

    /**
     * The memory that this workspace and its {@link #inner} one hold, in use or free.
     *
     * @return bytes of all its arrays, without object headers
     */
    public synchronized long residentBytes() {
        return floats.residentBytes() + bytes.residentBytes() + shorts.residentBytes() + ints.residentBytes()
                + (inner == null ? 0 : inner.residentBytes());
    }

    /**
     * All arrays of one type, in shelves sorted by length and found by binary search, so that taking allocates nothing.
     */
    private static final class Shelves<A> {
        private final IntFunction<A> allocate;
        private final int elementBytes;
        private int[] lengths = new int[0];
        private Shelf<A>[] shelves = newShelves(0);

        Shelves(IntFunction<A> allocate, int elementBytes) {
            this.allocate = allocate;
            this.elementBytes = elementBytes;
        }

        A take(int length) {
            int at = Arrays.binarySearch(lengths, length);
            if (at < 0) {
                at = -at - 1;
                insert(at, length);
            }
            return shelves[at].take(allocate, length);
        }

        void giveBack(A array, int length) {
            int at = Arrays.binarySearch(lengths, length);
            if (at >= 0) {
                shelves[at].giveBack(array);
            }
        }

        private void insert(int at, int length) {
            int[] moreLengths = new int[lengths.length + 1];
            Shelf<A>[] moreShelves = newShelves(lengths.length + 1);
            System.arraycopy(lengths, 0, moreLengths, 0, at);
            System.arraycopy(shelves, 0, moreShelves, 0, at);
            System.arraycopy(lengths, at, moreLengths, at + 1, lengths.length - at);
            System.arraycopy(shelves, at, moreShelves, at + 1, lengths.length - at);
            moreLengths[at] = length;
            moreShelves[at] = new Shelf<>();
            lengths = moreLengths;
            shelves = moreShelves;
        }

        void recycle() {
            for (int i = 0; i < lengths.length; i++) {
                shelves[i].taken = 0;
            }
        }

        void releaseUnused() {
            int kept = 0;
            for (int i = 0; i < lengths.length; i++) {
                if (shelves[i].survivesReset()) {
                    lengths[kept] = lengths[i];
                    shelves[kept++] = shelves[i];
                }
            }
            if (kept < lengths.length) {
                lengths = Arrays.copyOf(lengths, kept);
                shelves = Arrays.copyOf(shelves, kept);
            }
        }

        long residentBytes() {
            long bytes = 0;
            for (int i = 0; i < lengths.length; i++) {
                bytes += (long) lengths[i] * elementBytes * shelves[i].arrays.size();
            }
            return bytes;
        }

        @SuppressWarnings("unchecked") // an array of a generic type can't be made otherwise
        private static <A> Shelf<A>[] newShelves(int count) {
            return (Shelf<A>[]) new Shelf<?>[count];
        }
    }

    /** The arrays of one length; the first {@code taken} are in use. */
    private static final class Shelf<A> {
        private final ArrayList<A> arrays = new ArrayList<>();
        private int taken;
        private int most; // taken in an epoch of the last ones
        private int epochs; // since arrays were last dropped
        private boolean used; // since the last reset
        private int idleResets;

        A take(IntFunction<A> allocate, int length) {
            if (taken == arrays.size()) {
                arrays.add(allocate.apply(length));
            }
            most = Math.max(most, taken + 1);
            used = true;
            return arrays.get(taken++);
        }

        void giveBack(A array) {
            for (int i = taken - 1; i >= 0; i--) { // it is one of the last
                if (arrays.get(i) == array) {
                    Collections.swap(arrays, i, --taken);
                    return;
                }
            }
        }

        boolean survivesReset() {
            idleResets = used ? 0 : idleResets + 1;
            used = false;
            if (++epochs == KEEP_RESETS) {
                if (most > 0) {
                    arrays.subList(most, arrays.size()).clear(); // of larger batches than there were for long
                }
                most = 0;
                epochs = 0;
            }
            return idleResets < KEEP_RESETS;
        }
    }
}
