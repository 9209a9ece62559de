/** Over how many partitions the due index is spread. */
export const DUE_SHARDS = 4;
