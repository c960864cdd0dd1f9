package io.bitlab.core.gpu;

import java.lang.foreign.MemorySegment;

/**
 * The functions of OpenCL 1.1 that the kernel needs, with their parameters and results as in C: handles are addresses,
 * results are error codes or, where a handle is the result, the last parameter receives the error code. What is always
 * null is left out: callbacks, lists of events and offsets of ranges.
 *
 * <p>Specification: Khronos, The OpenCL Specification, sections 4 and 5.
 */
interface OpenClCalls {

    int getPlatformIDs(int entries, MemorySegment platforms, MemorySegment count);

    int getPlatformInfo(long platform, int name, long size, MemorySegment value, MemorySegment actualSize);

    int getDeviceIDs(long platform, long type, int entries, MemorySegment devices, MemorySegment count);

    int getDeviceInfo(long device, int name, long size, MemorySegment value, MemorySegment actualSize);

    long createContext(MemorySegment properties, int count, MemorySegment devices, MemorySegment error);

    int releaseContext(long context);

    long createCommandQueue(long context, long device, long properties, MemorySegment error);

    int releaseCommandQueue(long queue);

    long createProgramWithSource(long context, int count, MemorySegment texts, MemorySegment lengths,
            MemorySegment error);

    int buildProgram(long program, int count, MemorySegment devices, MemorySegment options);

    int getProgramBuildInfo(long program, long device, int name, long size, MemorySegment value,
            MemorySegment actualSize);

    int releaseProgram(long program);

    long createKernel(long program, MemorySegment name, MemorySegment error);

    int releaseKernel(long kernel);

    int setKernelArg(long kernel, int index, long size, MemorySegment value);

    long createBuffer(long context, long flags, long size, MemorySegment host, MemorySegment error);

    int releaseMemObject(long buffer);

    int enqueueWriteBuffer(long queue, long buffer, int blocking, long offset, long size, MemorySegment from);

    int enqueueReadBuffer(long queue, long buffer, int blocking, long offset, long size, MemorySegment to);

    /** The address of the memory is the result. */
    long enqueueMapBuffer(long queue, long buffer, int blocking, long flags, long offset, long size,
            MemorySegment error);

    int enqueueUnmapMemObject(long queue, long buffer, MemorySegment mapped);

    int enqueueNDRangeKernel(long queue, long kernel, int dimensions, MemorySegment global, MemorySegment local);

    int finish(long queue);
}
