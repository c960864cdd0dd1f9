package io.bitlab.core.gpu;

import java.util.Map;

/** The names of OpenCL's error codes, from {@code CL/cl.h} and {@code CL/cl_ext.h}. */
final class OpenClErrors {

    static final int SUCCESS = 0;
    static final int DEVICE_NOT_FOUND = -1;
    static final int MEM_OBJECT_ALLOCATION_FAILURE = -4;
    static final int OUT_OF_RESOURCES = -5;
    static final int OUT_OF_HOST_MEMORY = -6;
    static final int BUILD_PROGRAM_FAILURE = -11;
    static final int INVALID_BUFFER_SIZE = -61;
    static final int PLATFORM_NOT_FOUND = -1001;

    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(DEVICE_NOT_FOUND, "CL_DEVICE_NOT_FOUND"),
            Map.entry(-2, "CL_DEVICE_NOT_AVAILABLE"),
            Map.entry(-3, "CL_COMPILER_NOT_AVAILABLE"),
            Map.entry(MEM_OBJECT_ALLOCATION_FAILURE, "CL_MEM_OBJECT_ALLOCATION_FAILURE"),
            Map.entry(OUT_OF_RESOURCES, "CL_OUT_OF_RESOURCES"),
            Map.entry(OUT_OF_HOST_MEMORY, "CL_OUT_OF_HOST_MEMORY"),
            Map.entry(BUILD_PROGRAM_FAILURE, "CL_BUILD_PROGRAM_FAILURE"),
            Map.entry(-13, "CL_MISALIGNED_SUB_BUFFER_OFFSET"),
            Map.entry(-14, "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST"),
            Map.entry(-30, "CL_INVALID_VALUE"),
            Map.entry(-31, "CL_INVALID_DEVICE_TYPE"),
            Map.entry(-32, "CL_INVALID_PLATFORM"),
            Map.entry(-33, "CL_INVALID_DEVICE"),
            Map.entry(-34, "CL_INVALID_CONTEXT"),
            Map.entry(-35, "CL_INVALID_QUEUE_PROPERTIES"),
            Map.entry(-36, "CL_INVALID_COMMAND_QUEUE"),
            Map.entry(-37, "CL_INVALID_HOST_PTR"),
            Map.entry(-38, "CL_INVALID_MEM_OBJECT"),
            Map.entry(-42, "CL_INVALID_BINARY"),
            Map.entry(-43, "CL_INVALID_BUILD_OPTIONS"),
            Map.entry(-44, "CL_INVALID_PROGRAM"),
            Map.entry(-45, "CL_INVALID_PROGRAM_EXECUTABLE"),
            Map.entry(-46, "CL_INVALID_KERNEL_NAME"),
            Map.entry(-47, "CL_INVALID_KERNEL_DEFINITION"),
            Map.entry(-48, "CL_INVALID_KERNEL"),
            Map.entry(-49, "CL_INVALID_ARG_INDEX"),
            Map.entry(-50, "CL_INVALID_ARG_VALUE"),
            Map.entry(-51, "CL_INVALID_ARG_SIZE"),
            Map.entry(-52, "CL_INVALID_KERNEL_ARGS"),
            Map.entry(-53, "CL_INVALID_WORK_DIMENSION"),
            Map.entry(-54, "CL_INVALID_WORK_GROUP_SIZE"),
            Map.entry(-55, "CL_INVALID_WORK_ITEM_SIZE"),
            Map.entry(-56, "CL_INVALID_GLOBAL_OFFSET"),
            Map.entry(-57, "CL_INVALID_EVENT_WAIT_LIST"),
            Map.entry(-59, "CL_INVALID_OPERATION"),
            Map.entry(INVALID_BUFFER_SIZE, "CL_INVALID_BUFFER_SIZE"),
            Map.entry(-63, "CL_INVALID_GLOBAL_WORK_SIZE"),
            Map.entry(PLATFORM_NOT_FOUND, "CL_PLATFORM_NOT_FOUND_KHR"),
            Map.entry(-9999, "NVIDIA: illegal read or write in a kernel"));

    private OpenClErrors() {
    }

    /** Such as {@code CL_INVALID_VALUE (-30)}. */
    static String name(int code) {
        return NAMES.getOrDefault(code, "error") + " (" + code + ")";
    }

    /**
     * Whether a smaller buffer might have succeeded.
     *
     * @param code the error code
     * @param allocates whether the function may need memory; where others lack resources, a kernel has failed
     */
    static boolean isOutOfMemory(int code, boolean allocates) {
        return code == MEM_OBJECT_ALLOCATION_FAILURE || code == OUT_OF_HOST_MEMORY || code == INVALID_BUFFER_SIZE
                || code == OUT_OF_RESOURCES && allocates;
    }
}
