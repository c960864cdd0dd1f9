package io.bitlab.core.kernel.schedule;

/** Packed weights that tell how several threads best divide their rows. */
public interface RowParts {

    /**
     * Preferred number of consecutive output features per thread when the weights stream from memory: those that are
     * neighbours there.
     *
     * @return a multiple of the kernel's row alignment
     */
    int partRows();
}
